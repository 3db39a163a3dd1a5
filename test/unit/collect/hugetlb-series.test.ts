import { expect, test } from 'vitest';
import { openHugetlbSeries } from '../../../src/collect/hugetlb-series.ts';
import { nextOnGrid, phaseOf } from '../../../src/grid.ts';
import type { HostEntries } from '../../support/host-tree.ts';
import { filesIn, hostOf, named } from './host-of.ts';

const path = '/kubepods/pod1';
const every = 30_000;
const v2 = { 'sys/fs/cgroup/cgroup.controllers': 'hugetlb\n' };
const directory = `sys/fs/cgroup${path}`;

async function seriesOf(entries: HostEntries) {
  const one = await hostOf(entries);
  const series = openHugetlbSeries(one.host, { measurement: 'k8s_pod_hugetlb', tags: { pod: 'db-0' }, path, owner: 'u1' });
  return { ...one, series, read: () => series.read().map(named) };
}

function size(name: string, current: string, max: string, events = 'max 0\n') {
  return { [`hugetlb.${name}.current`]: current, [`hugetlb.${name}.max`]: max, [`hugetlb.${name}.events`]: events };
}

test('on cgroup v2 each size that may be used is a point, the smallest first', async () => {
  const { read, warnings, host } = await seriesOf({
    ...v2,
    ...filesIn(directory, { ...size('1GB', '1073741824\n', '2147483648\n', 'max 3\n'), ...size('2MB', '0\n', '4194304\n') }),
  });
  expect(read()).toEqual([
    {
      measurement: 'k8s_pod_hugetlb',
      tags: { pod: 'db-0', page_size: '2MB' },
      fields: { usage_bytes: 0, limit_bytes: 4194304, max_events: 0 },
    },
    {
      measurement: 'k8s_pod_hugetlb',
      tags: { pod: 'db-0', page_size: '1GB' },
      fields: { usage_bytes: 1073741824, limit_bytes: 2147483648, max_events: 3 },
    },
  ]);
  expect([warnings, host.meters.hugetlb.reads]).toEqual([[], 1]);
});

test.each([
  ['the limit is 0: no page of it was requested', size('2MB', '0\n', '0\n')],
  ['there is no limit and no use', size('2MB', '0\n', 'max\n')],
  ['the limit cannot be read', { 'hugetlb.2MB.current': '4096\n' }],
  ['the limit is garbage', size('2MB', '0\n', 'x\n')],
])('a size is no point where %s', async (_, texts) => {
  const { read } = await seriesOf({ ...v2, ...filesIn(directory, texts) });
  expect(read()).toEqual([]);
});

test('a size in use without a limit is a point without one', async () => {
  const { read } = await seriesOf({ ...v2, ...filesIn(directory, size('2MB', '2097152\n', 'max\n')) });
  expect(read().map(({ fields }) => fields)).toEqual([{ usage_bytes: 2097152, max_events: 0 }]);
});

test('what of a size cannot be read is absent', async () => {
  const { read } = await seriesOf({
    ...v2,
    ...filesIn(directory, { 'hugetlb.2MB.max': '4194304\n', 'hugetlb.2MB.current': 'x\n' }),
  });
  expect(read().map(({ fields }) => fields)).toEqual([{ limit_bytes: 4194304 }]);
});

test('on cgroup v1 the files have other names, and none is a number near 2^63', async () => {
  const v1 = (name: string, usage: string, limit: string) => ({
    [`hugetlb.${name}.usage_in_bytes`]: usage,
    [`hugetlb.${name}.limit_in_bytes`]: limit,
    [`hugetlb.${name}.failcnt`]: '5\n',
  });
  const { read } = await seriesOf({
    'sys/fs/cgroup/pids/cgroup.procs': '',
    ...filesIn(`sys/fs/cgroup/hugetlb${path}`, {
      ...v1('2MB', '2097152\n', '9223372036854771712\n'),
      ...v1('1GB', '0\n', '9223372036854771712\n'),
    }),
  });
  expect(read()).toEqual([
    {
      measurement: 'k8s_pod_hugetlb',
      tags: { pod: 'db-0', page_size: '2MB' },
      fields: { usage_bytes: 2097152, max_events: 5 },
    },
  ]);
});

test('is read at once, once in the half minute after, and then every half minute, with the same tags', async () => {
  const { series, clock } = await seriesOf({ ...v2, ...filesIn(directory, size('2MB', '0\n', '4194304\n')) });
  const start = clock.time;
  const again = nextOnGrid(start, every, phaseOf(path, every)) - start;
  const tags = [0, 1, again - 1, again, again + every - 1, again + every].map((offset) => {
    clock.time = start + offset;
    return series.read()[0]?.series.tags;
  });
  expect(tags.map((each) => each !== undefined)).toEqual([true, false, false, true, false, true]);
  expect(tags[3]).toBe(tags[0]);
});

test('a cgroup that ended, and one without the controller, have none', async () => {
  const ended = await seriesOf(v2);
  expect(ended.read()).toEqual([]);
  const without = await seriesOf({ [`sys/fs/cgroup/pids${path}/pids.current`]: '1\n' });
  expect([without.read(), without.host.meters.hugetlb.reads]).toEqual([[], 0]);
});
