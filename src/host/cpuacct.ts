/**
 * CPU time in cgroup v1. `cpuacct.usage`, and since Linux 4.7 `cpuacct.usage_user` and `cpuacct.usage_sys`, are single
 * values in nanoseconds. Before that only `cpuacct.stat` tells user from system, in ticks of USER_HZ, which is 100 on every
 * architecture that Linux's user interface knows. Documentation/admin-guide/cgroup-v1/cpuacct.rst.
 */
import type { Count } from '../model.ts';
import { scale } from './count.ts';
import { flatKeyed } from './flat-keyed.ts';
import type { Malformed } from './parser.ts';

const nanosecondsPerTick = 10_000_000;

export interface CpuacctStat {
  readonly userNanoseconds: Count | undefined;
  readonly systemNanoseconds: Count | undefined;
}

const keys = flatKeyed(['user', 'system']);

/** `cpuacct.stat`, for kernels without `cpuacct.usage_user`: exact to a tick of 10 ms only. */
export function parseCpuacctStat(bytes: Uint8Array, end: number, malformed: Malformed): CpuacctStat {
  const { user, system } = keys(bytes, end, malformed);
  return {
    userNanoseconds: user === undefined ? undefined : scale(user, nanosecondsPerTick),
    systemNanoseconds: system === undefined ? undefined : scale(system, nanosecondsPerTick),
  };
}
