import { parseCgroupProcs } from '../host/cgroup-procs.ts';
import type { CgroupProcs } from '../host/cgroup-procs.ts';
import { readOnce } from './process-files.ts';
import type { ProcessHost } from './process-files.ts';
import { subdirectoriesOrNone } from './subdirectories.ts';

/** How far below a container's own cgroup its processes are looked for, and how many cgroups of one level. */
const maxLevels = 4;
const maxWidth = 64;

/**
 * The processes of a container: its cgroup's own, or where it has none (crun's `container`, systemd in a container) those of
 * the first level of cgroups below it that has some. `undefined` where the directory is gone.
 */
export function leafProcesses(host: ProcessHost, directory: string, owner: string): CgroupProcs | undefined {
  let level: readonly string[] = [directory];
  let found: CgroupProcs | undefined;
  for (let depth = 0; depth < maxLevels && level.length > 0; depth += 1) {
    const read = level.map((cgroup) => processesIn(host, cgroup, owner)).filter((procs) => procs !== undefined);
    if (read.length > 0) found = merge(read);
    if (found === undefined || found.pids.length > 0 || found.foreign > 0) return found;
    level = level.flatMap((cgroup) => childrenOf(host, cgroup)).slice(0, maxWidth);
  }
  return found;
}

/** A threaded cgroup refuses to list processes, and lists its threads (Documentation/admin-guide/cgroup-v2.rst, Threads). */
function processesIn(host: ProcessHost, directory: string, owner: string): CgroupProcs | undefined {
  return (
    readOnce(host, `${directory}/cgroup.procs`, owner, parseCgroupProcs) ??
    readOnce(host, `${directory}/cgroup.threads`, owner, parseCgroupProcs)
  );
}

function childrenOf({ problems }: ProcessHost, directory: string): readonly string[] {
  return subdirectoriesOrNone(directory, problems).map((name) => `${directory}/${name}`);
}

function merge(parts: readonly CgroupProcs[]): CgroupProcs {
  let foreign = 0;
  for (const part of parts) foreign += part.foreign;
  return { pids: parts.flatMap(({ pids }) => pids), foreign };
}
