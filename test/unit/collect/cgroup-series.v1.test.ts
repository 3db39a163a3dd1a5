import { describe, expect, test } from 'vitest';
import { openCgroupSeries } from '../../../src/collect/cgroup-series.ts';
import { rowsOf } from '../../../src/metrics/table.ts';
import type { Fields } from '../../../src/model.ts';
import type { HostEntries } from '../../support/host-tree.ts';
import { filesIn, hostOf, named } from './host-of.ts';
import type { TestHostOptions } from './host-of.ts';

const path = '/kubepods/pod1/c1';
const filesV1 = {
  'cpuacct/cpuacct.usage': '9007199254740993\n',
  'cpuacct/cpuacct.stat': 'user 4211\nsystem 1007\n',
  'cpu/cpu.stat': 'nr_periods 120\nnr_throttled 7\nthrottled_time 350000123\nnr_bursts 3\nburst_time 40\n',
  'cpu/cpu.cfs_quota_us': '50000\n',
  'cpu/cpu.cfs_period_us': '100000\n',
  'cpuset/cpuset.effective_cpus': '0,2-4\n',
  'cpuset/cpuset.effective_mems': '0-1\n',
  'memory/memory.usage_in_bytes': '1000\n',
  'memory/memory.stat': `cache 9
rss 9
hierarchical_memory_limit 1500
hierarchical_memsw_limit 9223372036854771712
total_cache 1
total_rss 2
total_rss_huge 3
total_shmem 4
total_mapped_file 5
total_dirty 6
total_writeback 7
total_swap 8
total_pgfault 9
total_pgmajfault 10
total_inactive_anon 11
total_active_anon 12
total_inactive_file 13
total_active_file 14
total_unevictable 15
`,
  'memory/memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 16\n',
  'memory/memory.failcnt': '17\n',
  'memory/memory.max_usage_in_bytes': '1800\n',
  'memory/memory.kmem.usage_in_bytes': '18\n',
  'memory/memory.limit_in_bytes': '2000\n',
  'memory/memory.memsw.limit_in_bytes': '2300\n',
  'freezer/freezer.state': 'FROZEN\n',
  'pids/pids.current': '20\n',
  'pids/pids.max': '21\n',
  'pids/pids.events': 'max 22\n',
} as const;

const fieldsV1: Fields = {
  cpu_usage_core_nanoseconds: 9007199254740993n,
  cpu_user_nanoseconds: 42_110_000_000,
  cpu_system_nanoseconds: 10_070_000_000,
  cpu_cfs_periods: 120,
  cpu_cfs_throttled_periods: 7,
  cpu_cfs_throttled_nanoseconds: 350_000_123,
  cpu_cfs_bursts: 3,
  cpu_cfs_burst_nanoseconds: 40,
  cpu_limit_nanocores: 500_000_000,
  cpuset_cpus: '0,2-4',
  cpuset_cpu_count: 4,
  cpuset_mems: '0-1',
  memory_usage_bytes: 1000,
  memory_cache_bytes: 1,
  memory_rss_bytes: 2,
  memory_anon_huge_bytes: 3,
  memory_shmem_bytes: 4,
  memory_mapped_file_bytes: 5,
  memory_dirty_bytes: 6,
  memory_writeback_bytes: 7,
  swap_usage_bytes: 8,
  memory_page_faults: 9,
  memory_major_page_faults: 10,
  memory_inactive_anon_bytes: 11,
  memory_active_anon_bytes: 12,
  memory_inactive_file_bytes: 13,
  memory_active_file_bytes: 14,
  memory_unevictable_bytes: 15,
  memory_oom_kills: 16,
  memory_max_events: 17,
  memory_peak_bytes: 1800,
  memory_kernel_bytes: 18,
  memory_limit_bytes: 2000,
  memory_effective_limit_bytes: 1500,
  swap_limit_bytes: 300,
  frozen: true,
  pids: 20,
  pids_limit: 21,
  pids_max_events: 22,
};

/** `undefined` takes a file away. */
async function fieldsOfCgroup(change: Readonly<Record<string, string | undefined>> = {}, options: TestHostOptions = {}) {
  const texts = Object.entries({ ...filesV1, ...change }).flatMap(([name, text]) =>
    text === undefined ? [] : [[name.replace('/', `${path}/`), text] as const],
  );
  const one = await hostOf(filesIn('sys/fs/cgroup', Object.fromEntries(texts)), options);
  const series = openCgroupSeries(one.host, { measurement: 'k8s_container', tags: {}, path, owner: 'u1' });
  return { ...one, fields: named(series.read(Infinity)).fields };
}

/** What is there but for some. */
function without(...names: readonly (keyof Fields)[]): Fields {
  return Object.fromEntries(Object.entries(fieldsV1).filter(([field]) => !names.some((name) => name === field)));
}

test('the first read has all there is: ticks of 10 ms and nanoseconds as they are', async () => {
  const { fields, warnings } = await fieldsOfCgroup();
  expect(fields).toEqual(fieldsV1);
  expect(warnings).toEqual([]);
});

test('all fields that a cgroup v1 has are among them', () => {
  expect(rowsOf('k8s_container').filter(({ v1, field }) => v1 !== undefined && !(field in fieldsV1))).toEqual([]);
});

describe('what cannot be read is absent, and the rest stays', () => {
  /** What more than one file is needed for, or what is told of a list in it. */
  const more: Readonly<Record<string, readonly (keyof Fields)[]>> = {
    'cpu.cfs_quota_us': ['cpu_limit_nanocores'],
    'cpu.cfs_period_us': ['cpu_limit_nanocores'],
    'cpuset.effective_cpus': ['cpuset_cpu_count'],
    'memory.limit_in_bytes': ['swap_limit_bytes'],
  };

  test.each(Object.keys(filesV1))('%s is missing', async (missing) => {
    const file = missing.slice(missing.indexOf('/') + 1);
    const own = rowsOf('k8s_container').flatMap(({ field, v1 }) => (v1?.split(' ')[0] === file ? [field] : []));
    const lost = [...own, ...(more[file] ?? [])];
    expect(lost.filter((field) => field in fieldsV1)).not.toEqual([]);
    const { fields, warnings } = await fieldsOfCgroup({ [missing]: undefined });
    expect(fields).toEqual(without(...lost));
    expect(warnings).toEqual([]);
  });
});

describe('limits', () => {
  test.each([
    ['4 KiB', '9223372036854771712'],
    ['16 KiB', '9223372036854759424'],
    ['64 KiB', '9223372036854710272'],
  ])('that are none are absent: pages of %s', async (_, none) => {
    const { fields, warnings } = await fieldsOfCgroup({
      'memory/memory.limit_in_bytes': `${none}\n`,
      'memory/memory.memsw.limit_in_bytes': `${none}\n`,
      'memory/memory.stat': filesV1['memory/memory.stat'].replace('1500', none),
      'pids/pids.max': 'max\n',
      'cpu/cpu.cfs_quota_us': '-1\n',
    });
    const memory = ['memory_limit_bytes', 'memory_effective_limit_bytes', 'swap_limit_bytes'] as const;
    expect([fields, warnings]).toEqual([without(...memory, 'pids_limit', 'cpu_limit_nanocores'), []]);
  });

  test.each([
    ['the one on memory', '2000\n', '2000\n', 0],
    ['none', '2000\n', '9223372036854771712\n', undefined],
    ['absent', '2000\n', '', undefined],
    ['a number, and that on memory is not known', '', '2000\n', undefined],
  ])('of swap: where that on both is %s', async (_, limit, both, expected) => {
    const { fields } = await fieldsOfCgroup({
      'memory/memory.limit_in_bytes': limit,
      'memory/memory.memsw.limit_in_bytes': both,
    });
    expect(fields.swap_limit_bytes).toBe(expected);
  });

  test.each([
    ['150000', '100000', 1_500_000_000],
    ['20000', '30000', 666_666_667],
    ['1000', '1000000', 1_000_000],
  ])('of CPU: %s in each %s µs', async (quota, period, nanocores) => {
    const { fields } = await fieldsOfCgroup({ 'cpu/cpu.cfs_quota_us': `${quota}\n`, 'cpu/cpu.cfs_period_us': `${period}\n` });
    expect(fields.cpu_limit_nanocores).toBe(nanocores);
  });

  test.each(['', '0\n', 'x\n'])('of CPU are absent where the period is %j', async (period) => {
    const { fields } = await fieldsOfCgroup({ 'cpu/cpu.cfs_period_us': period });
    expect(fields).toEqual(without('cpu_limit_nanocores'));
  });
});

test('a malformed line costs only its own value', async () => {
  const { fields, warnings } = await fieldsOfCgroup({ 'cpuacct/cpuacct.stat': 'user ?\nsystem 3\n' });
  expect(fields).toEqual({ ...without('cpu_user_nanoseconds'), cpu_system_nanoseconds: 30_000_000 });
  expect(warnings).toEqual([`/sys/fs/cgroup/cpuacct${path}/cpuacct.stat: cannot understand "user ?"`]);
});

test('a controller that is not mounted is absent with all it has, and there is no counter to make a rate of', async () => {
  const { host } = await hostOf({ [`sys/fs/cgroup/pids${path}/pids.current`]: '3\n' });
  const series = openCgroupSeries(host, { measurement: 'k8s_container', tags: {}, path, owner: 'u1' });
  const reading = series.read(Infinity);
  expect([named(reading).fields, reading.readAt]).toEqual([{ pids: 3 }, undefined]);
});

test('only the collectors that are wanted read', async () => {
  const { fields } = await fieldsOfCgroup({}, { collectors: ['memory'] });
  expect(Object.keys(fields).filter((field) => !/^(memory|swap)_/.test(field))).toEqual([]);
  expect(fields).toMatchObject({ memory_usage_bytes: 1000, memory_limit_bytes: 2000, memory_effective_limit_bytes: 1500 });
});

test.each(['THAWED', 'FREEZING'])('tasks that are %s are not frozen', async (state) => {
  const { fields } = await fieldsOfCgroup({ 'freezer/freezer.state': `${state}\n` });
  expect(fields.frozen).toBe(false);
});

describe('on a hybrid host', () => {
  const pressure = 'some avg10=1.01 avg60=1.02 avg300=1.03 total=14\n';
  const unified = filesIn(`sys/fs/cgroup/unified${path}`, {
    'cpu.pressure': pressure,
    'io.pressure': pressure,
    'cgroup.events': 'populated 1\nfrozen 0\n',
    'cpu.stat': 'usage_usec 1\n',
  });

  async function hybridOf(entries: HostEntries) {
    const v1 = filesIn('sys/fs/cgroup', { [`memory${path}/memory.stat`]: 'total_rss 1\nslab 2\npgscan 3\n' });
    const one = await hostOf({ 'sys/fs/cgroup/unified/cgroup.controllers': '\n', ...v1, ...entries });
    const series = openCgroupSeries(one.host, { measurement: 'k8s_container', tags: {}, path, owner: 'u1' });
    return { ...one, fields: named(series.read(Infinity)).fields };
  }

  test('where systemd has the same cgroup in the tree of v2, its pressure and whether it is populated come from there', async () => {
    const { fields, warnings, host } = await hybridOf(unified);
    const some = (of: 'cpu' | 'io'): Fields => ({
      [`${of}_pressure_some_microseconds`]: 14,
      [`${of}_pressure_some_avg10_percent`]: 1.01,
      [`${of}_pressure_some_avg60_percent`]: 1.02,
      [`${of}_pressure_some_avg300_percent`]: 1.03,
    });
    expect(fields).toEqual({ memory_rss_bytes: 1, ...some('cpu'), ...some('io'), populated: true });
    expect(warnings).toEqual([]);
    expect(host.meters.pressure.reads).toBe(1);
  });

  test('where it has not, nothing is tried', async () => {
    const { fields, host } = await hybridOf({});
    expect(fields).toEqual({ memory_rss_bytes: 1 });
    expect(host.meters.pressure.reads).toBe(0);
  });

  test('whether it is frozen is told by the freezer, by which a runtime of v1 does it', async () => {
    const { fields } = await hybridOf({ ...unified, [`sys/fs/cgroup/freezer${path}/freezer.state`]: 'FROZEN\n' });
    expect(fields.frozen).toBe(true);
  });
});
