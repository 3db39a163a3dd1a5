import type { CgroupHost } from './cgroup-host.ts';

/** What the kernel's files say of one cgroup and those below it, under the names of the fields that should say the same. */
export interface CgroupCounters {
  readonly cpu_usage_core_nanoseconds: number;
  readonly pids: number;
  readonly memory_usage_bytes: number;
  readonly memory_rss_bytes: number;
}

export const counterNames = [
  'cpu_usage_core_nanoseconds',
  'pids',
  'memory_usage_bytes',
  'memory_rss_bytes',
] as const satisfies (keyof CgroupCounters)[];

export function readCounters(host: CgroupHost, path: string): CgroupCounters {
  const whole = (controller: string, file: string) => number(host.read(controller, path, file));
  const keyed = (controller: string, file: string, key: string) => keyedNumber(host.read(controller, path, file), key);
  const pids = whole('pids', 'pids.current');
  if (host.version === 1) {
    return {
      cpu_usage_core_nanoseconds: whole('cpuacct', 'cpuacct.usage'),
      pids,
      memory_usage_bytes: whole('memory', 'memory.usage_in_bytes'),
      memory_rss_bytes: keyed('memory', 'memory.stat', 'total_rss'),
    };
  }
  return {
    cpu_usage_core_nanoseconds: keyed('cpu', 'cpu.stat', 'usage_usec') * 1000,
    pids,
    memory_usage_bytes: whole('memory', 'memory.current'),
    memory_rss_bytes: keyed('memory', 'memory.stat', 'anon'),
  };
}

function keyedNumber(text: string, key: string): number {
  const line = text.split('\n').find((each) => each.startsWith(`${key} `));
  return number(line?.slice(key.length) ?? '');
}

function number(text: string): number {
  if (!/^\s*\d+\s*$/.test(text)) throw new Error(`Not a number: ${JSON.stringify(text)}`);
  return Number(text);
}
