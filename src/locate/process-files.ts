import { posix } from 'node:path';
import type { Descriptors } from '../host/descriptors.ts';
import { openKernelFile } from '../host/kernel-file.ts';
import type { Parser } from '../host/parser.ts';
import { parseProcCgroup } from '../host/proc-cgroup.ts';
import { parseProcStat } from '../host/proc-stat.ts';
import type { ProcessStat } from '../host/proc-stat.ts';
import type { Problems } from '../problems.ts';
import { containerIdOf } from './names.ts';

/** Where and how the files of processes are read. */
export interface ProcessHost {
  readonly procRoot: string;
  readonly problems: Problems;
  readonly descriptors: Descriptors;
  /** Monotonic milliseconds. */
  now(): number;
}

/** Reads a file once. `owner` is the UID of the pod it is read for. `undefined` where it is absent or denied. */
export function readOnce<T>(
  host: Omit<ProcessHost, 'procRoot'>,
  path: string,
  owner: string,
  parser: Parser<T>,
): T | undefined {
  const { problems, descriptors } = host;
  const place = { directory: posix.dirname(path), owner, problems, descriptors, now: () => host.now() };
  const file = openKernelFile(place, { name: posix.basename(path), keep: false });
  const value = file.parse(parser);
  file.close();
  return value;
}

/** `undefined` also for a zombie: it has no namespaces any more. */
export function liveStat(host: ProcessHost, pid: number, owner: string): ProcessStat | undefined {
  const stat = readOnce(host, `${host.procRoot}/${pid}/stat`, owner, parseProcStat);
  return stat === undefined || stat.state === 'Z' || stat.state === 'X' ? undefined : stat;
}

/**
 * The ids of all containers a process is in, which are several where runtimes are nested. By the names in the paths alone: from
 * inside a cgroup namespace the paths of others are relative (cgroup_namespaces(7)).
 */
export function containerIdsOf(host: ProcessHost, pid: number, owner: string): ReadonlySet<string> {
  const ids = new Set<string>();
  for (const { path } of readOnce(host, `${host.procRoot}/${pid}/cgroup`, owner, parseProcCgroup) ?? []) {
    for (const name of path.split('/')) {
      const id = containerIdOf(name);
      if (id !== undefined) ids.add(id);
    }
  }
  return ids;
}
