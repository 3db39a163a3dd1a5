import { describe, expect, test } from 'vitest';
import { createPauses } from '../../../support/laws/pauses.ts';
import { createSharesLaw } from '../../../support/laws/shares-law.ts';
import { beating, brokenBy, madeCycles, main, pod } from './made-cycles.ts';

const pauses = createPauses();
const create = () => createSharesLaw({ pauseMs: 20, pauses, chargedAhead: 4096 });
const node = (cpus: number) => `k8s_node,node=n cpu_count=${cpus}i 2000`;
const one = (fields: string) => brokenBy(create, madeCycles([`k8s_container,${main} ${fields} 2000`]));

/** Two readings, `milliseconds` of CPU time and two seconds apart, with what is said of them. */
function used(milliseconds: number, said: string, cpus = 1) {
  const first = `k8s_container,${main} cpu_usage_core_nanoseconds=0i 2000`;
  const second = `k8s_container,${main} cpu_usage_core_nanoseconds=${milliseconds * 1e6}i,${said} 4000`;
  return brokenBy(create, madeCycles([node(cpus), first], [second]));
}

describe('shares stay within what physics allows', () => {
  test('no more CPU than the node has cores', () => {
    expect(used(2020, 'cpu_usage_nanocores=1010000000i')).toEqual({});
    expect(used(2021, 'cpu_usage_nanocores=1010500000i')).toEqual({
      'CPU used ≤ the cores of the node': 1,
      'CPU used since the first reading ≤ the cores of the node': 1,
    });
    expect(used(4000, 'cpu_usage_nanocores=2000000000i', 2)).toEqual({});
  });

  test('a rate is what the counter grew by over the time between', () => {
    expect(used(100, 'cpu_usage_nanocores=50000000i')).toEqual({});
    expect(used(100, 'cpu_usage_nanocores=100000000i')).toEqual({ 'CPU used as a rate agrees with the counter': 1 });
  });

  test('a rate is as uncertain as the cycles took in which its two readings were read, also where they came later', () => {
    // 100 ms in 1,880: a cycle takes 20 ms in these tests, and the first one may have read 120 after its time.
    const second = `k8s_container,${main} cpu_usage_core_nanoseconds=100000000i,cpu_usage_nanocores=53191489i 4000`;
    const cycles = madeCycles([], [], [`k8s_container,${main} cpu_usage_core_nanoseconds=0i 2000`, second]);
    const slow = cycles.map((cycle) =>
      cycle.number === 1 ? beating(cycle, { cycle_duration_nanoseconds: 120_000_000n }) : cycle,
    );
    expect(brokenBy(create, cycles)).toEqual({ 'CPU used as a rate agrees with the counter': 1 });
    expect(brokenBy(create, slow)).toEqual({});
  });

  test('a reading beside another one has no rate, and the next rate is since that other one; later on it is since itself', () => {
    const lines = (besideAt: number) => [
      [`k8s_container,${main} cpu_usage_core_nanoseconds=0i 2000`],
      [`k8s_container,${main} cpu_usage_core_nanoseconds=50000000i ${besideAt}`],
      [`k8s_container,${main} cpu_usage_core_nanoseconds=100000000i,cpu_usage_nanocores=50000000i 4000`],
    ];
    expect(brokenBy(create, madeCycles(...lines(2000)))).toEqual({});
    expect(brokenBy(create, madeCycles(...lines(2020)))).toEqual({});
    expect(brokenBy(create, madeCycles(...lines(2100)))).toEqual({ 'CPU used as a rate agrees with the counter': 1 });
  });

  test('no more CPU than the limit, and what one more period of it and a late tick add', () => {
    const limit = 'cpu_limit_nanocores=100000000i';
    expect(used(200, `cpu_usage_nanocores=100000000i,cpu_usage_share_of_limit=1,${limit}`)).toEqual({});
    expect(used(230, `cpu_usage_nanocores=115000000i,cpu_usage_share_of_limit=1.15,${limit}`)).toEqual({});
    expect(used(231, `cpu_usage_nanocores=115500000i,cpu_usage_share_of_limit=1.155,${limit}`)).toEqual({
      'CPU used ≤ the limit and what one period of it adds': 1,
      'CPU used since the first reading ≤ the limit and what one period of it adds': 1,
    });
    expect(used(100, `cpu_usage_nanocores=50000000i,cpu_usage_share_of_limit=0.6,${limit}`)).toEqual({
      'cpu_usage_share_of_limit is of the limit': 1,
    });
  });

  test('a pause of the kernel between two readings is counted for whoever runs then', () => {
    const paused = createPauses();
    const within = () => createSharesLaw({ pauseMs: 20, pauses: paused, chargedAhead: 4096 });
    const readings = madeCycles(
      [`k8s_container,${main} cpu_usage_core_nanoseconds=0i 2000`],
      [
        `k8s_container,${main} cpu_usage_core_nanoseconds=631000000i,cpu_usage_nanocores=315500000i,cpu_limit_nanocores=100000000i 4000`,
      ],
    );
    const law = 'CPU used ≤ the limit and what one period of it adds';
    paused.from(['3000 300', '3990 100']);
    expect(brokenBy(within, readings)).toEqual({ [law]: 1, [law.replace('used', 'used since the first reading')]: 1 });
    paused.from(['ready', '3000 300', '3990 101', '4500 100']);
    expect(brokenBy(within, readings)).toEqual({});
    paused.from(['1999 500']);
    expect(brokenBy(within, readings)).toMatchObject({ [law]: 1 });
  });

  test('a pause of the kernel between the time of a reading and its counter makes the rate as uncertain', () => {
    const paused = createPauses();
    const within = () => createSharesLaw({ pauseMs: 20, pauses: paused, chargedAhead: 4096 });
    // 100 ms in 2,300, of points that are 2,000 apart.
    const second = `k8s_container,${main} cpu_usage_core_nanoseconds=100000000i,cpu_usage_nanocores=43478261i 4000`;
    const readings = madeCycles([`k8s_container,${main} cpu_usage_core_nanoseconds=0i 2000`], [second]);
    const law = 'CPU used as a rate agrees with the counter';
    expect(brokenBy(within, readings)).toEqual({ [law]: 1 });
    paused.from(['4290 270']);
    expect(brokenBy(within, readings)).toEqual({ [law]: 1 });
    paused.from(['4290 280']);
    expect(brokenBy(within, readings)).toEqual({});
    paused.from(['4900 280']);
    expect(brokenBy(within, readings)).toEqual({ [law]: 1 });
  });

  test('what a late tick allowed is allowed once, not again and again', () => {
    const reading = (i: number) =>
      `cpu_usage_core_nanoseconds=${i * 222e6}i,cpu_usage_nanocores=111000000i,cpu_limit_nanocores=100000000i ${2000 * (i + 1)}`;
    const cycles = Array.from({ length: 4 }, (_, i) => [`k8s_container,${main} ${reading(i)}`]);
    // 22 ms too much each time: 12 after one period more, then 34 in all, then 56.
    expect(brokenBy(create, madeCycles(...cycles.slice(0, 2)))).toEqual({});
    expect(brokenBy(create, madeCycles(...cycles))).toEqual({
      'CPU used since the first reading ≤ the limit and what one period of it adds': 2,
    });
  });

  test('no share of throttled periods beyond all, and no more of them than periods', () => {
    const law = 'throttled share and periods within all periods';
    expect(one('cpu_cfs_throttled_share=1,cpu_cfs_periods=3i,cpu_cfs_throttled_periods=3i')).toEqual({});
    expect(one('cpu_cfs_throttled_share=1.01')).toEqual({ [law]: 1 });
    expect(one('cpu_cfs_periods=3i,cpu_cfs_throttled_periods=4i')).toEqual({ [law]: 1 });
  });

  test('no pressure beyond all of the time', () => {
    expect(one('io_pressure_full_avg10_percent=100,cpu_pressure_some_avg10_percent=0')).toEqual({});
    expect(one('io_pressure_full_avg10_percent=100.01')).toEqual({ 'pressure within 0 to 100': 1 });
  });

  test('no working set beyond the usage', () => {
    expect(one('memory_usage_bytes=5i,memory_working_set_bytes=6i')).toEqual({ 'working set ≤ usage': 1 });
  });

  test('no memory beyond the limit and what the kernel charges ahead', () => {
    const law = 'memory ≤ limit and what is charged ahead';
    expect(one('memory_usage_bytes=14096i,memory_limit_bytes=10000i,memory_effective_limit_bytes=10000i')).toEqual({});
    expect(one('memory_usage_bytes=14097i,memory_limit_bytes=10000i')).toEqual({ [law]: 1 });
    expect(one('memory_usage_bytes=14097i,memory_effective_limit_bytes=10000i')).toEqual({ [law]: 1 });
    expect(one('memory_working_set_share_of_limit=1.41,memory_effective_limit_bytes=10000i')).toEqual({
      'memory_working_set_share_of_limit ≤ 1 and what is charged ahead': 1,
    });
  });

  test('no more tasks than allowed', () => {
    expect(brokenBy(create, madeCycles([`k8s_pod,${pod} pids=9i,pids_limit=8i 2000`]))).toEqual({ 'pids ≤ limit': 1 });
  });
});
