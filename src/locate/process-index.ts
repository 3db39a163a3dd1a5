import { subdirectories } from './subdirectories.ts';
import { containerIdsOf } from './process-files.ts';
import type { ProcessHost } from './process-files.ts';

/** The processes of every container, from `<proc-root>/<pid>/cgroup` of all. */
export interface ProcessIndex {
  /** Of the container with this id, those of containers in it among them. At most one scan of all in some seconds. */
  processesOf(id: string): readonly number[];
}

/** A scan costs 10 µs a process; one serves all pods for so many milliseconds. */
const scanEvery = 10_000;
const maxProcesses = 65_536;
const pidName = /^[1-9][0-9]{0,9}$/;

export function createProcessIndex(host: ProcessHost): ProcessIndex {
  let index: ReadonlyMap<string, readonly number[]> = new Map();
  let scannedAt = -Infinity;
  return {
    processesOf(id) {
      if (host.now() - scannedAt >= scanEvery) {
        scannedAt = host.now();
        index = scan(host);
      }
      return index.get(id) ?? [];
    },
  };
}

function scan(host: ProcessHost): ReadonlyMap<string, readonly number[]> {
  const index = new Map<string, number[]>();
  const names = (subdirectories(host.procRoot, host.problems) ?? []).filter((name) => pidName.test(name));
  for (const name of names.slice(0, maxProcesses)) {
    const pid = Number(name);
    for (const id of containerIdsOf(host, pid, '')) {
      const pids = index.get(id);
      if (pids === undefined) index.set(id, [pid]);
      else pids.push(pid);
    }
  }
  return index;
}
