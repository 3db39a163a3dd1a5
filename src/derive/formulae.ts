import { subtractFloorZero, sum } from '../host/count.ts';
import type { Measurement } from '../metrics/measurements.ts';
import { indexesOf } from '../metrics/table.ts';
import type { Count, FieldValue, Values } from '../model.ts';
import type { CpuReading, CpuRates } from './rates.ts';

/** What is told of a cgroup, or the node, by more than one of its files. Absent where one of them is. */
export interface Formulae {
  /** The counters that rates are made of; `undefined` where the CPU time is not known. */
  cpuReading(values: Values, at: number, inode: number | undefined): CpuReading | undefined;
  putRates(values: Values, rates: CpuRates): void;
  /** Working set, what is available, and shares of limits and requests. To be called after `putRates`. */
  derive(values: Values): void;
}

export function formulaeOf(measurement: Measurement): Formulae {
  const at = indexesOf(measurement);
  const count = (values: Values, slot: number | undefined): Count | undefined => {
    const value: FieldValue | undefined = slot === undefined ? undefined : values[slot];
    return typeof value === 'number' || typeof value === 'bigint' ? value : undefined;
  };
  const put = (values: Values, slot: number | undefined, value: Count | undefined): void => {
    if (slot !== undefined && value !== undefined) values[slot] = value;
  };
  /** The root of cgroup v2 has no memory.current: its usage is what the kubelet takes for it, and evicts by. */
  function putNodeUsage(values: Values): void {
    if (count(values, at.memory_usage_bytes) !== undefined) return;
    put(values, at.memory_usage_bytes, sum(count(values, at.memory_rss_bytes), count(values, at.memory_cache_bytes)));
  }

  return {
    cpuReading(values, readAt, inode) {
      const usageNanoseconds = count(values, at.cpu_usage_core_nanoseconds);
      if (usageNanoseconds === undefined) return undefined;
      const periods = count(values, at.cpu_cfs_periods);
      const throttledPeriods = count(values, at.cpu_cfs_throttled_periods);
      return { usageNanoseconds, periods, throttledPeriods, at: readAt, inode };
    },
    putRates(values, { nanocores, throttledShare }) {
      put(values, at.cpu_usage_nanocores, nanocores);
      put(values, at.cpu_cfs_throttled_share, throttledShare);
    },
    derive(values) {
      const nanocores = count(values, at.cpu_usage_nanocores);
      put(values, at.cpu_usage_share_of_limit, share(nanocores, count(values, at.cpu_limit_nanocores)));
      put(values, at.cpu_usage_share_of_request, share(nanocores, count(values, at.cpu_request_nanocores)));
      if (measurement === 'k8s_node') putNodeUsage(values);
      const workingSet = less(count(values, at.memory_usage_bytes), count(values, at.memory_inactive_file_bytes));
      put(values, at.memory_working_set_bytes, workingSet);
      put(values, at.memory_without_file_cache_bytes, less(workingSet, count(values, at.memory_active_file_bytes)));
      put(values, at.swap_available_bytes, less(count(values, at.swap_limit_bytes), count(values, at.swap_usage_bytes)));
      put(values, at.memory_available_bytes, less(count(values, at.memory_limit_bytes), workingSet));
      const limit = count(values, at.memory_effective_limit_bytes);
      put(values, at.memory_working_set_share_of_limit, share(workingSet, limit));
      put(values, at.memory_working_set_share_of_request, share(workingSet, count(values, at.memory_request_bytes)));
    },
  };
}

/** At least 0: the two were not read at one moment. */
function less(whole: Count | undefined, part: Count | undefined): Count | undefined {
  return whole === undefined || part === undefined ? undefined : subtractFloorZero(whole, part);
}

/** Absent also where nothing is the whole: a share of no request tells nothing. */
function share(part: Count | undefined, whole: Count | undefined): number | undefined {
  if (part === undefined || whole === undefined) return undefined;
  const divisor = Number(whole);
  return divisor > 0 ? Number(part) / divisor : undefined;
}
