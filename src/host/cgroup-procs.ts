/** `cgroup.procs`: the processes of one cgroup, without those of its children. Documentation/admin-guide/cgroup-v2.rst. */
import { parseCount } from './count.ts';
import { forEachLine } from './lines.ts';
import type { Malformed } from './parser.ts';

export interface CgroupProcs {
  readonly pids: readonly number[];
  /** Processes outside the reader's pid namespace: v2 prints each as 0, v1 leaves them out. */
  readonly foreign: number;
}

export function parseCgroupProcs(bytes: Uint8Array, end: number, malformed: Malformed): CgroupProcs {
  const pids: number[] = [];
  let foreign = 0;
  forEachLine(bytes, end, malformed, (start, stop) => {
    const pid = parseCount(bytes, start, stop);
    if (typeof pid !== 'number') return false;
    if (pid === 0) foreign += 1;
    else pids.push(pid);
    return true;
  });
  return { pids, foreign };
}
