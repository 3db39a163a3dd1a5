import { describe, expect, test } from 'vitest';
import { openIoSeries } from '../../../src/collect/io-series.ts';
import type { HostEntries } from '../../support/host-tree.ts';
import { filesIn, hostOf, named } from './host-of.ts';

const path = '/kubepods/pod1';
const v2 = { 'sys/fs/cgroup/cgroup.controllers': 'io\n' };
const disks = filesIn('proc', {
  diskstats: '   8       0 sda 1 0 8 1 1 0 8 1 0 1 1\n 254       1 vda1 1 0 8 1 1 0 8 1 0 1 1\n',
});

async function seriesOf(entries: HostEntries) {
  const one = await hostOf({ ...disks, ...entries });
  const series = openIoSeries(one.host, { measurement: 'k8s_pod_io', tags: { pod: 'web-0' }, path, owner: 'u1' });
  return { ...one, series, read: () => series.read().map(named) };
}

describe('on cgroup v2', () => {
  const file = `sys/fs/cgroup${path}/io.stat`;
  const ioStat = `8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6 cost.usage=7 cost.wait=8 cost.indebt=9 cost.indelay=10
8:16 rbytes=0 wbytes=9223372036854775807 rios=0 wios=11 dbytes=0 dios=0
`;

  test('each device is a point of its own, by its name', async () => {
    const { read, warnings } = await seriesOf({ ...v2, [file]: ioStat });
    expect(read()).toEqual([
      {
        measurement: 'k8s_pod_io',
        tags: { pod: 'web-0', device: 'sda' },
        fields: {
          read_bytes: 1,
          write_bytes: 2,
          reads: 3,
          writes: 4,
          discard_bytes: 5,
          discards: 6,
          cost_usage_microseconds: 7,
          cost_wait_microseconds: 8,
          cost_indebt_microseconds: 9,
          cost_indelay_microseconds: 10,
        },
      },
      {
        measurement: 'k8s_pod_io',
        tags: { pod: 'web-0', device: '8:16' },
        fields: { read_bytes: 0, write_bytes: 9223372036854775807n, reads: 0, writes: 11, discard_bytes: 0, discards: 0 },
      },
    ]);
    expect(warnings).toEqual([]);
  });

  test('the tags of a device are the same object from read to read, until it has another name', async () => {
    const { series, tree, clock } = await seriesOf({ ...v2, [file]: ioStat });
    const tags = () => series.read().map((reading) => reading.series.tags);
    const first = tags();
    const second = tags();
    for (const [index, each] of second.entries()) expect(each).toBe(first[index]);
    await tree.add(filesIn('proc', { diskstats: ' 8 0 sda 1 0 8 1 1 0 8 1 0 1 1\n 8 16 sdb 1 0 8 1 1 0 8 1 0 1 1\n' }));
    clock.time += 60_000;
    const third = tags();
    expect(third[0]).toBe(first[0]);
    expect(third[1]).toEqual({ pod: 'web-0', device: 'sdb' });
  });

  test.each([
    ['nothing was read or written yet', ''],
    ['the file is garbage', 'garbage\n'],
  ])('there is no point where %s', async (_, text) => {
    const { read } = await seriesOf({ ...v2, [file]: text });
    expect(read()).toEqual([]);
  });

  test('there is no point without the file, and none after close; what was read is counted', async () => {
    const missing = await seriesOf(v2);
    expect(missing.read()).toEqual([]);
    const { series, host, read } = await seriesOf({ ...v2, [file]: ioStat });
    read();
    expect([host.descriptors.open, host.meters.io.reads]).toEqual([1, 1]);
    series.close();
    expect([read(), host.descriptors.open]).toEqual([[], 0]);
  });
});

describe('on cgroup v1', () => {
  const bytes = `8:0 Read 10
8:0 Write 20
8:0 Sync 30
8:0 Async 0
8:0 Discard 5
8:0 Total 35
254:1 Read 40
254:1 Write 0
254:1 Total 40
Total 75
`;
  const counts = `8:0 Read 1
8:0 Write 2
8:0 Sync 3
8:0 Async 0
8:0 Discard 4
8:0 Total 7
Total 7
`;
  const files = (texts: Readonly<Record<string, string>>): HostEntries => ({
    'sys/fs/cgroup/pids/cgroup.procs': '',
    ...filesIn(`sys/fs/cgroup/blkio${path}`, texts),
  });
  const byteFile = 'blkio.throttle.io_service_bytes_recursive';
  const countFile = 'blkio.throttle.io_serviced_recursive';

  test('bytes and operations come from two files', async () => {
    const { read, warnings } = await seriesOf(files({ [byteFile]: bytes, [countFile]: counts }));
    expect(read()).toEqual([
      {
        measurement: 'k8s_pod_io',
        tags: { pod: 'web-0', device: 'sda' },
        fields: { read_bytes: 10, write_bytes: 20, discard_bytes: 5, reads: 1, writes: 2, discards: 4 },
      },
      { measurement: 'k8s_pod_io', tags: { pod: 'web-0', device: 'vda1' }, fields: { read_bytes: 40, write_bytes: 0 } },
    ]);
    expect(warnings).toEqual([]);
  });

  test('without one of the two the other is told all the same', async () => {
    const onlyBytes = await seriesOf(files({ [byteFile]: bytes }));
    expect(onlyBytes.read()[0]?.fields).toEqual({ read_bytes: 10, write_bytes: 20, discard_bytes: 5 });
    const onlyCounts = await seriesOf(files({ [countFile]: counts }));
    expect(onlyCounts.read().map(({ fields }) => fields)).toEqual([{ reads: 1, writes: 2, discards: 4 }]);
  });

  const emptyBfq = { 'blkio.bfq.io_service_bytes_recursive': '', 'blkio.bfq.io_serviced_recursive': '' };
  const bfq = { 'blkio.bfq.io_service_bytes_recursive': bytes, 'blkio.bfq.io_serviced_recursive': counts };

  test.each([
    ['absent', {}],
    ['empty', { [byteFile]: '', [countFile]: '' }],
  ])('where the throttling layer is %s, BFQ counts, and keeps on', async (_, throttle) => {
    const { read, tree } = await seriesOf(files({ ...throttle, ...bfq }));
    const own = { read_bytes: 10, write_bytes: 20, discard_bytes: 5, reads: 1, writes: 2, discards: 4 };
    expect(read()[0]?.fields).toEqual(own);
    await tree.add(files({ [byteFile]: bytes.replace('Read 10', 'Read 1'), [countFile]: counts }));
    expect(read()[0]?.fields).toEqual(own);
  });

  test('where the throttling layer counts, BFQ is never asked, not even when that ends', async () => {
    const { read, tree } = await seriesOf(
      files({ [byteFile]: bytes, ...bfq, 'blkio.bfq.io_service_bytes_recursive': '8:0 Read 7\n' }),
    );
    expect(read()[0]?.fields).toMatchObject({ read_bytes: 10 });
    await tree.add(files({ [byteFile]: '' }));
    expect(read()).toEqual([]);
  });

  test('while neither counts, BFQ is looked at twice a minute', async () => {
    const { read, tree, clock, host } = await seriesOf(files({ [byteFile]: '', [countFile]: '', ...bfq, ...emptyBfq }));
    expect([read(), host.descriptors.open]).toEqual([[], 2]);
    await tree.add(files(bfq));
    clock.time += 29_999;
    expect(read()).toEqual([]);
    clock.time += 1;
    expect(read()).toHaveLength(2);
  });

  test('there is no point where the controller is not mounted', async () => {
    const { read } = await seriesOf({ [`sys/fs/cgroup/pids${path}/pids.current`]: '1\n' });
    expect(read()).toEqual([]);
  });
});
