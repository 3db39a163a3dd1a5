import { parseCpuStatV1, parseCpuStatV2 } from '../host/cpu-stat.ts';
import type { CpuStat, Throttling } from '../host/cpu-stat.ts';
import { parseCpuacctStat } from '../host/cpuacct.ts';
import type { CpuacctStat } from '../host/cpuacct.ts';
import { parseSingleValue } from '../host/single-value.ts';
import type { Fields } from '../model.ts';
import type { CgroupFiles, Read } from './collector.ts';

/** CPU time and throttling. */
export function attachCpu(files: CgroupFiles): Read {
  return files.version === 2 ? attachV2(files) : attachV1(files);
}

function attachV2(files: CgroupFiles): Read {
  const stat = files.hot('cpu', 'cpu.stat');
  return (values) => {
    const read = stat?.parse(parseCpuStatV2);
    if (read === undefined) return;
    const at = files.now();
    const usage = read.usageNanoseconds;
    if (usage !== undefined) values.cpuCounter = { usage, at, inode: stat?.inode };
    values.fields.cpu_usage_core_nanoseconds = usage;
    putTimes(values.fields, read);
    putThrottling(values.fields, read);
  };
}

function attachV1(files: CgroupFiles): Read {
  const total = files.hot('cpuacct', 'cpuacct.usage');
  const times = files.hot('cpuacct', 'cpuacct.stat');
  const throttling = files.hot('cpu', 'cpu.stat');
  return (values) => {
    const usage = total?.parse(parseSingleValue);
    if (usage !== undefined) values.cpuCounter = { usage, at: files.now(), inode: total?.inode };
    values.fields.cpu_usage_core_nanoseconds = usage;
    putTimes(values.fields, times?.parse(parseCpuacctStat));
    putThrottling(values.fields, throttling?.parse(parseCpuStatV1));
  };
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
