import { resolve } from 'node:path';
import { parseCgroupProcs } from '../host/cgroup-procs.ts';
import { parseMountinfo } from '../host/mountinfo.ts';
import { parseNamespacePids } from '../host/namespace-pids.ts';
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
  const namesNone = procs !== undefined && procs.pids.length === 0 && (hierarchy.version === 1 || procs.foreign > 0);
  if (namesNone && !showsOuterNamespace(options)) {
    lines.push(
      `cgroup.procs names no process of the host, and ${procRoot} is not the host's: set hostPID, or mount the host's /proc and set --proc-root to where it is`,
    );
  }
  return lines;
}

/** Whether this process has more numbers than one there: then pods' processes are found by their own `cgroup` files. */
function showsOuterNamespace(options: ProcessHost): boolean {
  const pids = readOnce(options, `${options.procRoot}/self/status`, '', parseNamespacePids) ?? [];
  return pids.length > 1;
}
