/** What of a cgroup changes rarely and takes more than one file to know, or is no number. */
import type { KernelFile } from '../host/kernel-file.ts';
import { subtractFloorZero } from '../host/count.ts';
import { nanocores } from '../host/cpu-max.ts';
import { parseCpuList } from '../host/cpu-list.ts';
import { parseLimit } from '../host/single-value.ts';
import type { Controller } from '../locate/hierarchy.ts';
import { indexesOf } from '../metrics/table.ts';
import type { FieldName } from '../metrics/table.ts';
import type { Measurement } from '../metrics/measurements.ts';
import type { Count, FieldValue, Values } from '../model.ts';
import type { Host } from './host.ts';

export interface Extras {
  /** Puts what it knows where it is kept until the next call, with the limits that were just read. */
  read(kept: Values): void;
}

export interface ExtrasOptions {
  readonly measurement: Measurement;
  readonly path: string;
  open(controller: Controller, name: string): KernelFile | undefined;
}

export function openExtras(host: Host, { measurement, path, open }: ExtrasOptions): Extras {
  const at = indexesOf(measurement);
  const isV2 = host.hierarchy.version === 2;
  const withCpu = host.collectors.includes('cpu');
  const withMemory = host.collectors.includes('memory');
  const quota = withCpu && !isV2 ? open('cpu', 'cpu.cfs_quota_us') : undefined;
  const period = withCpu && !isV2 ? open('cpu', 'cpu.cfs_period_us') : undefined;
  const cpus = withCpu ? open('cpuset', isV2 ? 'cpuset.cpus.effective' : 'cpuset.effective_cpus') : undefined;
  // One limit on memory and swap together: what is below it beyond the limit on memory can only be swap.
  const memsw =
    withMemory && !isV2 && at.swap_limit_bytes !== undefined ? open('memory', 'memory.memsw.limit_in_bytes') : undefined;
  const mems = withCpu ? open('cpuset', isV2 ? 'cpuset.mems.effective' : 'cpuset.effective_mems') : undefined;

  return {
    read(kept) {
      const put = (field: FieldName, value: FieldValue | undefined): void => {
        const slot = at[field];
        if (slot !== undefined) kept.splice(slot, 1, value);
      };
      let now = host.now();
      const meter = (collector: 'cpu' | 'memory'): void => {
        const then = host.now();
        host.meters[collector].milliseconds += then - now;
        now = then;
      };
      if (quota !== undefined) put('cpu_limit_nanocores', quotaOf(quota, period));
      const list = cpus?.parse(parseCpuList);
      put('cpuset_cpus', list?.text);
      put('cpuset_cpu_count', list?.count);
      put('cpuset_mems', mems?.parse(parseCpuList)?.text);
      if (withCpu) meter('cpu');
      if (isV2 && withMemory) put('memory_effective_limit_bytes', host.ancestorLimits.lowest(path));
      if (memsw !== undefined) put('swap_limit_bytes', swapLimitOf(memsw, kept[at.memory_limit_bytes ?? -1]));
      if (withMemory) meter('memory');
    },
  };
}

function quotaOf(quotaFile: KernelFile, periodFile: KernelFile | undefined): number | bigint | undefined {
  const quota = quotaFile.parse(parseLimit);
  const period = periodFile?.parse(parseLimit);
  if (quota === undefined || quota === 'max' || period === undefined || period === 'max') return undefined;
  const limit = nanocores(quota, period);
  return limit === 'max' ? undefined : limit;
}

/** Where there is a limit on both there is one on memory: the kernel allows none above it. */
function swapLimitOf(memsw: KernelFile, memoryLimit: FieldValue | undefined): Count | undefined {
  const both = memsw.parse(parseLimit);
  const isKnown = typeof memoryLimit === 'number' || typeof memoryLimit === 'bigint';
  return both === undefined || both === 'max' || !isKnown ? undefined : subtractFloorZero(both, memoryLimit);
}
