import { describe, expect, test } from 'vitest';
import { planCgroup } from '../../../src/collect/cgroup-plan.ts';
import type { CgroupPlan, PlannedFile } from '../../../src/collect/cgroup-plan.ts';
import { collectorNames } from '../../../src/metrics/collectors.ts';
import { measurements } from '../../../src/metrics/measurements.ts';
import type { Measurement } from '../../../src/metrics/measurements.ts';
import { indexesOf, rowsOf } from '../../../src/metrics/table.ts';

const names = Object.keys(measurements).filter((name): name is Measurement => name in measurements);

/** Files that cgroup-extras.ts, io-series.ts and hugetlb-series.ts read. */
const readElsewhere = {
  1: [
    'blkio.throttle.io_service_bytes_recursive',
    'blkio.throttle.io_serviced_recursive',
    'cpu.cfs_quota_us',
    'cpuset.effective_cpus',
    'cpuset.effective_mems',
    'hugetlb.<size>.failcnt',
    'hugetlb.<size>.limit_in_bytes',
    'hugetlb.<size>.usage_in_bytes',
    'memory.memsw.limit_in_bytes',
  ],
  2: [
    'cpuset.cpus.effective',
    'cpuset.mems.effective',
    'hugetlb.<size>.current',
    'hugetlb.<size>.events',
    'hugetlb.<size>.max',
    'io.stat',
  ],
} as const;

function filesOf({ hot, rare, limits }: CgroupPlan) {
  return [...hot.flatMap(({ files }) => files), ...rare, ...limits];
}

describe.each([1, 2] as const)('on cgroup v%s', (version) => {
  const plans = names.map((measurement) => ({
    measurement,
    plan: planCgroup({ measurement, version, collectors: collectorNames }),
  }));

  test('each row that names a file of a cgroup is read by the plan, or by code of its own', () => {
    const others = new Set<string>();
    for (const { measurement, plan } of plans) {
      const planned = new Set(filesOf(plan).flatMap(({ slots }) => slots));
      for (const [slot, { v1, v2 }] of rowsOf(measurement).entries()) {
        const origin = version === 2 ? v2 : v1;
        if (origin !== undefined && !planned.has(slot)) others.add(origin.split(' ')[0] ?? '');
      }
    }
    expect([...others].toSorted()).toEqual(readElsewhere[version]);
  });

  test('each value has one place, and goes to the row that names it', () => {
    for (const { measurement, plan } of plans) {
      const slots = filesOf(plan).flatMap((file) => file.slots);
      expect(new Set(slots).size).toBe(slots.length);
      for (const file of filesOf(plan)) {
        const rows = file.slots.map((slot) => rowsOf(measurement)[slot]);
        expect(rows.map((row) => (version === 2 ? row?.v2 : row?.v1)?.split(' ')[0])).toEqual(rows.map(() => file.name));
        expect(file.scaled.every(({ slot }) => file.slots.includes(slot))).toBe(true);
      }
    }
  });

  test('what has no files of a cgroup has an empty plan', () => {
    const empty = plans.filter(({ plan }) => filesOf(plan).length === 0).map(({ measurement }) => measurement);
    expect(names.filter((name) => !empty.includes(name))).toEqual(['k8s_container', 'k8s_pod', 'k8s_system', 'k8s_node']);
  });

  test('without collectors nothing is read', () => {
    expect(planCgroup({ measurement: 'k8s_pod', version, collectors: [] })).toEqual({ hot: [], rare: [], limits: [] });
  });
});

test('files are grouped by who reads them every cycle, and by how often they are read else', () => {
  const plan = planCgroup({ measurement: 'k8s_pod', version: 2, collectors: ['pids', 'cpu'] });
  expect({
    hot: plan.hot.map(({ collector, files }) => [collector, ...files.map(({ name }) => name)]),
    rare: plan.rare.map(({ name }) => name),
    limits: plan.limits.map(({ name }) => name),
  }).toEqual({
    hot: [
      ['cpu', 'cpu.stat'],
      ['pids', 'pids.current'],
    ],
    rare: ['cpu.stat.local', 'pids.peak', 'pids.events', 'cgroup.events'],
    limits: ['cpu.max', 'pids.max'],
  });
});

test('of a file that is read every cycle, some is taken rarely', () => {
  const at = indexesOf('k8s_pod');
  const { hot, rare } = planCgroup({ measurement: 'k8s_pod', version: 2, collectors: ['memory'] });
  const slotsOf = (files: readonly PlannedFile[] = []) => files.find(({ name }) => name === 'memory.stat')?.slots;
  expect(slotsOf(hot[0]?.files)).toContain(at.memory_rss_bytes);
  expect(slotsOf(hot[0]?.files)).not.toContain(at.memory_dirty_bytes);
  expect(slotsOf(rare)).toContain(at.memory_dirty_bytes);
  expect(slotsOf(rare)).not.toContain(at.memory_rss_bytes);
});

test('a file of several values is read once, its values in the places of their rows', () => {
  const at = indexesOf('k8s_pod');
  const [group] = planCgroup({ measurement: 'k8s_pod', version: 1, collectors: ['cpu'] }).hot;
  const times = group?.files.find(({ name }) => name === 'cpuacct.stat');
  expect(times).toMatchObject({
    controller: 'cpuacct',
    slots: [at.cpu_user_nanoseconds, at.cpu_system_nanoseconds],
    scaled: [
      { slot: at.cpu_user_nanoseconds, factor: 10_000_000 },
      { slot: at.cpu_system_nanoseconds, factor: 10_000_000 },
    ],
  });
});
