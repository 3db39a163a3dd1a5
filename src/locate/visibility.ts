import { resolve } from 'node:path';
import { parseCgroupProcs } from '../host/cgroup-procs.ts';
import { parseMountinfo } from '../host/mountinfo.ts';
import type { Hierarchy } from './hierarchy.ts';
import { readOnce } from './process-files.ts';
import type { ProcessHost } from './process-files.ts';

export interface VisibilityOptions extends ProcessHost {
  readonly hierarchy: Hierarchy;
}

/** What of the host's processes cannot be seen from here, and what to set: lines for the log at the start. */
export function diagnoseVisibility(options: VisibilityOptions): readonly string[] {
  const { procRoot, hierarchy } = options;
  const lines: string[] = [];
  const mounts = readOnce(options, `${procRoot}/self/mountinfo`, '', parseMountinfo) ?? [];
  const proc = mounts.findLast(({ type, mountPoint }) => type === 'proc' && mountPoint === resolve(procRoot));
  const hidden = proc?.superOptions.find((option) => /^hidepid=(?!0$|off$)/.test(option));
  if (hidden !== undefined) {
    lines.push(
      `${procRoot} is mounted with ${hidden}: without CAP_SYS_PTRACE, or gid= of this process, no pod's network is seen`,
    );
  }
  const procs = readOnce(options, `${hierarchy.walk}/cgroup.procs`, '', parseCgroupProcs);
  // v1 leaves them out and v2 prints zeros; nothing at all on v2 is the root of a cgroup namespace.
  if (procs !== undefined && procs.pids.length === 0 && (hierarchy.version === 1 || procs.foreign > 0)) {
    lines.push(`cgroup.procs names no process of the host: pods' processes are found in ${procRoot}/*/cgroup, or set hostPID`);
  }
  return lines;
}
