/**
 * `cpu.stat`: CPU time and throttling.
 * v2: Documentation/admin-guide/cgroup-v2.rst, "CPU Interface Files"; v1: Documentation/scheduler/sched-bwc.rst, "Statistics".
 */
import type { Count } from '../model.ts';
import { scale } from './count.ts';
import { flatKeyed } from './flat-keyed.ts';
import type { Malformed } from './parser.ts';

export interface Throttling {
  /** Periods in which the quota was enforced. */
  readonly periods: Count | undefined;
  /** Periods in which it ran out. */
  readonly throttledPeriods: Count | undefined;
  readonly throttledNanoseconds: Count | undefined;
}

export interface CpuStat extends Throttling {
  readonly usageNanoseconds: Count | undefined;
  readonly userNanoseconds: Count | undefined;
  readonly systemNanoseconds: Count | undefined;
}

const keysV1 = flatKeyed(['nr_periods', 'nr_throttled', 'throttled_time']);
const keysV2 = flatKeyed(['usage_usec', 'user_usec', 'system_usec', 'nr_periods', 'nr_throttled', 'throttled_usec']);

/** The v1 file of the cpu controller; CPU time itself is in the files of cpuacct. Its time is in nanoseconds already. */
export function parseCpuStatV1(bytes: Uint8Array, end: number, malformed: Malformed): Throttling {
  const values = keysV1(bytes, end, malformed);
  return {
    periods: values.nr_periods,
    throttledPeriods: values.nr_throttled,
    throttledNanoseconds: values.throttled_time,
  };
}

/** The v2 file, in microseconds. It has no throttling where the cpu controller is off. */
export function parseCpuStatV2(bytes: Uint8Array, end: number, malformed: Malformed): CpuStat {
  const values = keysV2(bytes, end, malformed);
  return {
    periods: values.nr_periods,
    throttledPeriods: values.nr_throttled,
    throttledNanoseconds: nanoseconds(values.throttled_usec),
    usageNanoseconds: nanoseconds(values.usage_usec),
    userNanoseconds: nanoseconds(values.user_usec),
    systemNanoseconds: nanoseconds(values.system_usec),
  };
}

function nanoseconds(microseconds: Count | undefined): Count | undefined {
  return microseconds === undefined ? undefined : scale(microseconds, 1000);
}
