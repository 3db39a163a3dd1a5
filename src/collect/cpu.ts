import { parseCpuStatV1, parseCpuStatV2 } from '../host/cpu-stat.ts';
import type { CpuStat, Throttling } from '../host/cpu-stat.ts';
import { parseCpuacctStat } from '../host/cpuacct.ts';
import type { CpuacctStat } from '../host/cpuacct.ts';
import { parseSingleValue } from '../host/single-value.ts';
import type { KernelFile } from '../host/kernel-file.ts';
import type { Count, Fields } from '../model.ts';
import type { CgroupFiles, CgroupValues, Read } from './collector.ts';

/** CPU time and throttling. */
export function attachCpu(files: CgroupFiles): Read {
  return files.version === 2 ? attachV2(files) : attachV1(files);
}

function attachV2(files: CgroupFiles): Read {
  const stat = files.hot('cpu', 'cpu.stat');
  return (values) => {
    const read = stat?.parse(parseCpuStatV2);
    putUsage(values, read?.usageNanoseconds, stat);
    putTimes(values.fields, read);
    putThrottling(values.fields, read);
  };
}

function attachV1(files: CgroupFiles): Read {
  const total = files.hot('cpuacct', 'cpuacct.usage');
  const times = files.hot('cpuacct', 'cpuacct.stat');
  const throttling = files.hot('cpu', 'cpu.stat');
  return (values) => {
    putUsage(values, total?.parse(parseSingleValue), total);
    putTimes(values.fields, times?.parse(parseCpuacctStat));
    putThrottling(values.fields, throttling?.parse(parseCpuStatV1));
  };
}

function putUsage(values: CgroupValues, usage: Count | undefined, file: KernelFile | undefined): void {
  values.fields.cpu_usage_core_nanoseconds = usage;
  if (usage === undefined || file === undefined) return;
  values.cpuCounter = { usage, at: file.readAt, inode: file.inode };
}

function putTimes(fields: Fields, read: CpuacctStat | CpuStat | undefined): void {
  fields.cpu_user_nanoseconds = read?.userNanoseconds;
  fields.cpu_system_nanoseconds = read?.systemNanoseconds;
}

function putThrottling(fields: Fields, read: Throttling | undefined): void {
  fields.cpu_cfs_periods = read?.periods;
  fields.cpu_cfs_throttled_periods = read?.throttledPeriods;
  fields.cpu_cfs_throttled_nanoseconds = read?.throttledNanoseconds;
}
