import type { Collector } from './collector.ts';
import { attachCpu } from './cpu.ts';
import { attachMemory } from './memory.ts';
import { attachPids } from './pids.ts';

/** All that read a cgroup, in the order in which they do. */
export const collectors: readonly Collector[] = [
  { name: 'cpu', attach: attachCpu },
  { name: 'memory', attach: attachMemory },
  { name: 'pids', attach: attachPids },
];
