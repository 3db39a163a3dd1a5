/** What the kernel tells of the node as a whole outside of its cgroups, by the fields of `k8s_node`. */
import { scale, subtractFloorZero, sum } from '../host/count.ts';
import { parseCpuTimes } from '../host/cpu-times.ts';
import { flatKeyed } from '../host/flat-keyed.ts';
import { parseLoadavg } from '../host/loadavg.ts';
import { meminfo } from '../host/meminfo.ts';
import type { Parser } from '../host/parser.ts';
import { pressure } from '../host/pressure.ts';
import { readOnce } from '../locate/process-files.ts';
import type { Count, Fields } from '../model.ts';
import type { Host } from './host.ts';

const parseMeminfo = meminfo([
  'MemTotal',
  'MemFree',
  'MemAvailable',
  'SwapTotal',
  'SwapFree',
  'AnonPages',
  'Inactive(file)',
  'Cached',
  'Buffers',
  'SwapCached',
]);
const parseVmstat = flatKeyed(['oom_kill', 'pgfault', 'pgmajfault']);
const pressureKeys = ['total', 'avg10', 'avg60', 'avg300'];
const parsePressure = pressure(['some', 'full'].flatMap((kind) => pressureKeys.map((key) => `${kind}.${key}`)));

export function readNodeFiles(host: Host, owner: string): Fields {
  const read = <T>(name: string, parser: Parser<T>): T | undefined => readOnce(host, `${host.procRoot}/${name}`, owner, parser);
  return {
    ...timesOf(read),
    ...memoryOf(read),
    ...pressureOf(read),
    ...eventsOf(read),
    ...loadOf(read),
  };
}

type Read = <T>(name: string, parser: Parser<T>) => T | undefined;

function timesOf(read: Read): Fields {
  const times = read('stat', parseCpuTimes);
  if (times === undefined) return {};
  const user = sum(times.userNanoseconds, times.niceNanoseconds);
  const system = sum(times.systemNanoseconds, times.irqNanoseconds, times.softirqNanoseconds);
  const boot = times.bootTimeSeconds;
  return {
    cpu_usage_core_nanoseconds: sum(user, system, times.stealNanoseconds),
    cpu_user_nanoseconds: user,
    cpu_system_nanoseconds: system,
    cpu_idle_nanoseconds: times.idleNanoseconds,
    cpu_iowait_nanoseconds: times.iowaitNanoseconds,
    cpu_steal_nanoseconds: times.stealNanoseconds,
    cpu_count: times.cpus,
    context_switches: times.contextSwitches,
    forks: times.forks,
    tasks_running: times.runningTasks,
    tasks_blocked: times.blockedTasks,
    boot_at_milliseconds: boot === undefined ? undefined : scale(boot, 1000),
  };
}

function loadOf(read: Read): Fields {
  const load = read('loadavg', parseLoadavg);
  return { load1: load?.load1, load5: load?.load5, load15: load?.load15, tasks: load?.tasks };
}

function memoryOf(read: Read): Fields {
  const [total, free, available, swapTotal, swapFree, ...kinds] = read('meminfo', parseMeminfo) ?? [];
  const [anonymous, inactiveFile, cached, buffers, swapCached] = kinds;
  return {
    memory_total_bytes: total,
    memory_free_bytes: free,
    memory_available_bytes: available,
    memory_rss_bytes: anonymous,
    // What a cgroup has as one: Documentation/filesystems/proc.rst counts buffers and the swap cache apart.
    memory_cache_bytes: sum(cached, buffers, swapCached),
    memory_inactive_file_bytes: inactiveFile,
    swap_total_bytes: swapTotal,
    swap_usage_bytes: less(swapTotal, swapFree),
  };
}

function eventsOf(read: Read): Fields {
  const [kills, faults, majorFaults] = read('vmstat', parseVmstat) ?? [];
  return { oom_kills_total: kills, memory_page_faults: faults, memory_major_page_faults: majorFaults };
}

function less(whole: Count | undefined, part: Count | undefined): Count | undefined {
  return whole === undefined || part === undefined ? undefined : subtractFloorZero(whole, part);
}

function pressureOf(read: Read): Fields {
  const fields: Record<string, Count | undefined> = {};
  for (const resource of ['cpu', 'memory', 'io', 'irq']) {
    const values = read(`pressure/${resource}`, parsePressure) ?? [];
    for (const [index, kind] of ['some', 'full'].entries()) {
      fields[`${resource}_pressure_${kind}_microseconds`] = values[index * 4];
      for (const [place, seconds] of [10, 60, 300].entries()) {
        fields[`${resource}_pressure_${kind}_avg${seconds}_percent`] = values[index * 4 + 1 + place];
      }
    }
  }
  return fields;
}
