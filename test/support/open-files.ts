/** What a process holds, by the kernel's account. */
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { until } from './until.ts';

/** Files of a pod's cgroup on v1 that the agent reads every cycle, and so keeps open; limits are opened for each of their rare reads. */
const hotFiles = {
  cpu: ['cpu.stat'],
  cpuacct: ['cpuacct.stat', 'cpuacct.usage'],
  memory: ['memory.stat', 'memory.usage_in_bytes'],
  pids: ['pids.current'],
} as const;

/** Paths of the files that are kept open for the cgroup of a pod. */
export function hotFilesOfPod(path: string): string[] {
  return Object.entries(hotFiles).flatMap(([controller, names]) =>
    names.map((name) => `/sys/fs/cgroup/${controller}${path}/${name}`),
  );
}

/** The same of a container, which alone knows of kills on v1. */
export function hotFilesOfContainer(path: string): string[] {
  return [...hotFilesOfPod(path), `/sys/fs/cgroup/memory${path}/memory.oom_control`];
}

/** What each of its descriptors leads to, sorted: a path, or a kind such as `socket:`. */
export function openFiles(pid: number): string[] {
  return descriptorsOf(pid)
    .map(({ target }) => target.replace(/\[\d+\]$/, ''))
    .toSorted();
}

/** What is open between two cycles: three looks in a row find the same. */
export async function openAtRest(pid: number): Promise<string[]> {
  const looks: string[][] = [];
  await until('no file is opened or closed', () => {
    looks.push(openFiles(pid));
    return looks.length >= 3 && new Set(looks.slice(-3).map((files) => files.join('\n'))).size === 1;
  });
  return looks.at(-1) ?? [];
}

/** Those on files of cgroups and on directories of processes, sorted. */
export function kernelFiles(pid: number): string[] {
  return openFiles(pid).filter((target) => target.startsWith('/sys/fs/cgroup/') || /^\/proc\/\d+$/.test(target));
}

/** Inodes of what it watches by inotify(7), as proc(5) tells of such a descriptor: `inotify wd:1 ino:1f …`. */
export function watchedInodes(pid: number): Set<number> {
  const inodes = new Set<number>();
  for (const { name, target } of descriptorsOf(pid)) {
    if (target !== 'anon_inode:inotify') continue;
    const info = readFileSync(`/proc/${pid}/fdinfo/${name}`, 'utf8');
    for (const [, inode = ''] of info.matchAll(/^inotify wd:\S+ ino:([0-9a-f]+) /gm)) inodes.add(Number.parseInt(inode, 16));
  }
  return inodes;
}

/** Inodes of a directory and all directories in it, but for one that is left out with what it holds. */
export function directoryInodes(directory: string, leftOut?: string): number[] {
  const inodes = [statSync(directory).ino];
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory() && path !== leftOut) inodes.push(...inodesUnlessGone(path, leftOut));
  }
  return inodes;
}

function inodesUnlessGone(path: string, leftOut: string | undefined): number[] {
  try {
    return directoryInodes(path, leftOut);
  } catch {
    // Others make and remove cgroups on this machine too.
    return [];
  }
}

interface Descriptor {
  readonly name: string;
  readonly target: string;
}

function descriptorsOf(pid: number): Descriptor[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((name) => {
    try {
      return [{ name, target: readlinkSync(`/proc/${pid}/fd/${name}`) }];
    } catch {
      // Closed meanwhile.
      return [];
    }
  });
}
