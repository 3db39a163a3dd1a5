import { subdirectoriesOrNone } from './subdirectories.ts';
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

/** Processes beyond the first `limit` are left out, and that is reported. */
export function createProcessIndex(host: ProcessHost, limit = maxProcesses): ProcessIndex {
  let index: ReadonlyMap<string, readonly number[]> = new Map();
  let scannedAt = -Infinity;
  return {
    processesOf(id) {
      if (host.now() - scannedAt >= scanEvery) {
        scannedAt = host.now();
        index = scan(host, limit);
      }
      return index.get(id) ?? [];
    },
  };
}

function scan(host: ProcessHost, limit: number): ReadonlyMap<string, readonly number[]> {
  const index = new Map<string, number[]>();
  const names = subdirectoriesOrNone(host.procRoot, host.problems).filter((name) => pidName.test(name));
  const beyond = names[limit];
  if (beyond !== undefined) {
    const message = `Too many processes in "${host.procRoot}": ${beyond} and others are left out`;
    host.problems.report({ kind: 'denied', owner: '', cause: 'too many processes', message });
  }
  for (const name of names.slice(0, limit)) {
    const pid = Number(name);
    for (const id of containerIdsOf(host, pid, '')) {
      const pids = index.get(id);
      if (pids === undefined) index.set(id, [pid]);
      else pids.push(pid);
    }
  }
  return index;
}
