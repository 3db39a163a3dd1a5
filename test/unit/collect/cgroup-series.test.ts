import { statSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { openCgroupSeries } from '../../../src/collect/cgroup-series.ts';
import { nextOnGrid, phaseOf } from '../../../src/grid.ts';
import { rowsOf } from '../../../src/metrics/table.ts';
import type { Fields } from '../../../src/model.ts';
import { filesV2, hotFieldsV2, limitFieldsV2, rareFieldsV2 } from './cgroup-files-v2.ts';
import { filesIn, hostOf, named } from './host-of.ts';
import type { TestHost, TestHostOptions } from './host-of.ts';

const path = '/kubepods/pod1/c1';
const directory = `sys/fs/cgroup${path}`;
const every = 30_000;
/** When what changes rarely is read for the second time. */
/** From the clock's first moment on, 1000. */
const again = nextOnGrid(1000, every, phaseOf(path, every)) - 1000;
const tags = { container: 'app' };

async function cgroupOf(texts: Readonly<Record<string, string>> = filesV2, options: TestHostOptions = {}) {
  const one = await hostOf({ 'sys/fs/cgroup/cgroup.controllers': 'cpu\n', ...filesIn(directory, texts) }, options);
  const series = openCgroupSeries(one.host, { measurement: 'k8s_container', tags, path, owner: 'u1' });
  return { ...one, series };
}

function read({ series }: Awaited<ReturnType<typeof cgroupOf>>, deadline = Infinity): Fields {
  return named(series.read(deadline)).fields;
}

function rewrite({ tree }: TestHost, texts: Readonly<Record<string, string>>): Promise<void> {
  return tree.add(filesIn(directory, texts));
}

test('the first read has all there is, each number in its unit', async () => {
  const one = await cgroupOf();
  expect(read(one)).toEqual({ ...hotFieldsV2, ...limitFieldsV2, ...rareFieldsV2 });
  expect(one.warnings).toEqual([]);
});

test('all fields that a cgroup v2 has are among them', () => {
  const known = Object.keys({ ...hotFieldsV2, ...limitFieldsV2, ...rareFieldsV2 });
  const missing = rowsOf('k8s_container').filter(({ v2, field }) => v2 !== undefined && !known.includes(field));
  expect(missing).toEqual([]);
});

test('a reading tells what it is of and when its counter was read, from which file', async () => {
  const { series, tree, clock } = await cgroupOf();
  clock.time = 5000;
  const reading = series.read(Infinity);
  const { ino } = statSync(`${tree.path}/${directory}/cpu.stat`);
  expect(reading.series).toMatchObject({ measurement: 'k8s_container', tags, key: path });
  expect(reading.series.tags).toBe(tags);
  expect(reading).toMatchObject({ at: 5000, readAt: 5000, inode: ino });
});

describe('what changes rarely', () => {
  test('is written when it was read: at first, once in the half minute after, and then every half minute', async () => {
    const one = await cgroupOf();
    const start = one.clock.time;
    const readAt = (offset: number): boolean => {
      one.clock.time = start + offset;
      return read(one).pids_peak !== undefined;
    };
    expect(again).toBeGreaterThan(1);
    expect([0, 1, again - 1, again, again + 1].map(readAt)).toEqual([true, false, false, true, false]);
    expect([again + every - 1, again + every, again + 2 * every - 1, again + 2 * every].map(readAt)).toEqual([
      false,
      true,
      false,
      true,
    ]);
  });

  test('is not read in between, while the rest is', async () => {
    const one = await cgroupOf();
    read(one);
    await rewrite(one, { 'pids.current': '7\n', 'pids.max': '8\n', 'memory.max': 'max\n', 'cpuset.cpus.effective': '1\n' });
    one.clock.time += 1000;
    expect(read(one)).toEqual({ ...hotFieldsV2, ...limitFieldsV2, pids: 7 });
  });

  test('is read again, in cycles of their own, by cgroups that were first read together', async () => {
    const paths = Array.from({ length: 100 }, (_, index) => `/kubepods/pod${index}`);
    const files = paths.map((one) => filesIn(`sys/fs/cgroup${one}`, { 'pids.peak': '1\n', 'pids.current': '1\n' }));
    const { host, clock } = await hostOf({ 'sys/fs/cgroup/cgroup.controllers': '\n', ...Object.assign({}, ...files) });
    const all = paths.map((each) => openCgroupSeries(host, { measurement: 'k8s_pod', tags, path: each, owner: 'u1' }));
    const perSecond: number[] = [];
    for (let second = 0; second <= 30; second += 1) {
      const peaks = all.filter((series) => named(series.read(Infinity)).fields.pids_peak !== undefined);
      perSecond.push(peaks.length);
      clock.time += 1000;
    }
    expect(perSecond[0]).toBe(100);
    expect(perSecond.slice(1).reduce((sum, count) => sum + count, 0)).toBe(100);
    expect(Math.max(...perSecond.slice(1))).toBeLessThan(20);
  });
});

describe('limits', () => {
  test('are taken over when they change, from one look to the next', async () => {
    const one = await cgroupOf();
    read(one);
    await rewrite(one, { 'memory.max': '1500\n', 'cpu.max': '25000 100000\n', 'cpuset.cpus.effective': '1\n' });
    one.clock.time += every;
    expect(read(one)).toMatchObject({
      memory_limit_bytes: 1500,
      memory_effective_limit_bytes: 1500,
      cpu_limit_nanocores: 250_000_000,
      cpuset_cpus: '1',
      cpuset_cpu_count: 1,
    });
  });

  test('that are none are absent, also where there was one before', async () => {
    const one = await cgroupOf();
    read(one);
    const none = { 'memory.max': 'max\n', 'memory.high': 'max\n', 'memory.swap.max': 'max\n', 'pids.max': 'max\n' };
    await rewrite(one, { ...none, 'cpu.max': 'max 100000\n', 'cpuset.cpus.effective': '\n', 'cpuset.mems.effective': '\n' });
    one.clock.time += every;
    expect(read(one)).toEqual({ ...hotFieldsV2, ...rareFieldsV2 });
    one.clock.time += 1000;
    expect(read(one)).toEqual(hotFieldsV2);
  });

  test('of the cgroups above count, the lowest of all', async () => {
    const one = await cgroupOf();
    await one.tree.add(filesIn('sys/fs/cgroup/kubepods', { 'memory.max': '1700\n' }));
    await one.tree.add(filesIn('sys/fs/cgroup/kubepods/pod1', { 'memory.max': '1600\n' }));
    expect(read(one)).toMatchObject({ memory_limit_bytes: 2000, memory_effective_limit_bytes: 1600 });
  });
});

describe('what is requested', () => {
  test('is written with every reading until something else is', async () => {
    const one = await cgroupOf({ 'pids.current': '1\n' });
    one.series.specify({ cpuNanocores: 250_000_000, memoryBytes: 2n ** 60n });
    const requested = { pids: 1, cpu_request_nanocores: 250_000_000, memory_request_bytes: 2n ** 60n };
    expect([read(one), read(one)]).toEqual([requested, requested]);
    one.series.specify({ memoryBytes: 5 });
    expect(read(one)).toEqual({ pids: 1, memory_request_bytes: 5 });
  });
});

describe('what cannot be read is absent, and the rest stays', () => {
  test.each(Object.keys(filesV2))('%s is missing', async (missing) => {
    const whole = { ...hotFieldsV2, ...limitFieldsV2, ...rareFieldsV2 };
    const one = await cgroupOf(Object.fromEntries(Object.entries(filesV2).filter(([name]) => name !== missing)));
    const fields = read(one);
    const lost = rowsOf('k8s_container').filter(({ field, v2 }) => field in whole && v2?.split(' ')[0] === missing);
    const derived = { 'memory.max': ['memory_effective_limit_bytes'], 'cpuset.cpus.effective': ['cpuset_cpu_count'] };
    const expected = new Set([
      ...lost.map(({ field }) => field),
      ...Object.entries(derived).flatMap(([name, names]) => (name === missing ? names : [])),
    ]);
    expect(expected.size).toBeGreaterThan(0);
    expect(fields).toEqual(
      Object.fromEntries(Object.entries(whole).filter(([field]) => ![...expected].some((name) => name === field))),
    );
    expect(one.warnings).toEqual([]);
  });

  test('a file that vanishes takes its values with it, at its next read', async () => {
    const one = await cgroupOf(filesV2, { descriptors: 0 });
    read(one);
    await one.tree.remove(`${directory}/cpu.stat`, `${directory}/pids.max`, `${directory}/memory.peak`);
    one.clock.time += every;
    const fields = read(one);
    expect(fields.memory_usage_bytes).toBe(1000);
    expect(
      Object.keys(fields)
        .filter((field) => /^cpu_(usage|user|system|cfs)|^pids_limit|peak/.test(field))
        .toSorted(),
    ).toEqual(['cpu_cfs_throttled_self_nanoseconds', 'pids_peak', 'swap_peak_bytes']);
    expect(one.host.problems.counts.gone).toBe(3);
  });

  test('of a cgroup that ended nothing is written: neither its limits nor what it requested', async () => {
    const one = await cgroupOf(filesV2, { descriptors: 0 });
    one.series.specify({ cpuNanocores: 1 });
    read(one);
    await one.tree.remove(directory);
    one.clock.time += 1000;
    expect(read(one)).toEqual({});
  });

  test('a line that is not understood is reported under its owner', async () => {
    const one = await cgroupOf({
      ...filesV2,
      'cpu.stat': `usage_usec x\n${filesV2['cpu.stat']}`,
      'cgroup.events': 'frozen y\n',
    });
    const { frozen, populated, ...rest } = rareFieldsV2;
    expect([frozen, populated]).toEqual([false, true]);
    expect(read(one)).toEqual({ ...hotFieldsV2, ...limitFieldsV2, ...rest });
    expect(one.warnings).toEqual([
      `/${directory}/cpu.stat: cannot understand "usage_usec x"`,
      `/${directory}/cgroup.events: cannot understand "frozen y"`,
    ]);
    one.host.problems.forget('u1');
    expect(one.host.problems.marks).toBe(0);
  });
});

describe('the deadline', () => {
  test('cuts between two collectors: what was read by then stays', async () => {
    const one = await cgroupOf({ 'cpu.stat': 'usage_usec 1\n', 'memory.current': '2\n', 'pids.current': '3\n' });
    read(one);
    one.clock.step = 1;
    expect(read(one, one.clock.time + 1)).toEqual({ cpu_usage_core_nanoseconds: 1000 });
  });

  test('that passed before leaves nothing to write', async () => {
    const one = await cgroupOf();
    one.series.specify({ cpuNanocores: 1 });
    expect(read(one, one.clock.time - 1)).toEqual({});
  });
});

test('only what is wanted is read, and each collector is timed and counted', async () => {
  const one = await cgroupOf(filesV2, { collectors: ['pids'] });
  one.clock.step = 1;
  expect(read(one)).toEqual({
    ...{ pids: 61, pids_limit: 62, pids_peak: 63, pids_max_events: 64 },
    ...{ frozen: false, populated: true },
  });
  read(one);
  expect(one.host.meters.pids.reads).toBe(2);
  expect(one.host.meters.pids.milliseconds).toBeGreaterThan(0);
  expect(one.host.meters.cpu).toEqual({ milliseconds: 0, reads: 0 });
});

test('files of every cycle stay open, the others do not, and none after close', async () => {
  const one = await cgroupOf(filesV2, { collectors: ['pids'] });
  read(one);
  expect(one.host.descriptors.open).toBe(1);
  one.series.close();
  expect(one.host.descriptors.open).toBe(0);
  expect(read(one)).toEqual({});
});

test('a last reading has what changes rarely too; of one file there is what it says', async () => {
  const one = await cgroupOf();
  read(one);
  one.clock.time += 1;
  expect(named(one.series.readLast()).fields).toEqual({ ...hotFieldsV2, ...limitFieldsV2, ...rareFieldsV2 });
  const current = one.series.readFile('pids.current');
  expect([current && named(current).fields, one.series.readFile('pids.peak')]).toEqual([{ pids: 61 }, undefined]);
});
