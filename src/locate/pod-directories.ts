import type { Problems } from '../problems.ts';
import { childPath, directoryOf } from './hierarchy.ts';
import { containerIdOf, isIgnored, isPodsRoot, isQosParent, podUidOf, strayOf } from './names.ts';
import { subdirectories } from './subdirectories.ts';
import { createWatches } from './watches.ts';

/**
 * Milliseconds after which everything is read again, in case a change was missed: with watches, and where they are no help or a directory
 * could not be read.
 */
const fullScanEvery = { watched: 60_000, unwatched: 10_000 } as const;
/** How deep a pods' root is looked for: kind in docker below systemd has it at 4, rootless k3s at 5. */
const maxRootDepth = 5;

/** Most directories that are kept: in all, and while any but pods' are added, so that foreign cgroups leave room for pods. */
interface Bounds {
  readonly all: number;
  readonly searched: number;
}

const defaultBounds: Bounds = { all: 10_000, searched: 5_000 };

/** `search`: may hold pods' roots or strays; `root`: `kubepods`; `qos`: a parent in it; `pod`: holds the containers. */
type Role = 'search' | 'root' | 'qos' | 'pod';

/** A directory of the tree that was read. Containers' directories have none of their own: nothing in them matters. */
export interface Directory {
  readonly name: string;
  readonly path: string;
  readonly role: Role;
  readonly depth: number;
  readonly parent: Directory | undefined;
  readonly children: Map<string, Directory>;
  /** Names in a pod's directory that are containers', and in one that is searched those of strays. */
  leaves: readonly string[];
}

export interface PodDirectories {
  /** Reads again what changed. False where that was nothing. */
  refresh(): boolean;
  /** All that hold containers: pods' directories, also empty ones, and those with strays. */
  holders(): Iterable<Directory>;
  close(): void;
}

export interface PodDirectoriesOptions {
  /** The root directory of the hierarchy to walk. */
  readonly root: string;
  readonly problems: Problems;
  /** Monotonic milliseconds. */
  now(): number;
  readonly bounds?: Bounds;
}

/** Keeps the directories of a hierarchy that lead to pods in step with what is there. No directory is read without a cause. */
export function createPodDirectories({ root, problems, now, bounds = defaultBounds }: PodDirectoriesOptions): PodDirectories {
  const watches = createWatches(problems);
  const known = new Map<string, Directory>();
  const top: Directory = { name: '', path: '/', role: 'search', depth: 0, parent: undefined, children: new Map(), leaves: [] };
  known.set(root, top);
  let roots = 0;
  let wasBusy = false;
  let fullScanAt = -Infinity;

  function forget(directory: Directory): void {
    for (const child of directory.children.values()) forget(child);
    directory.parent?.children.delete(directory.name);
    if (directory.role === 'root') roots -= 1;
    const absolute = directoryOf(root, directory.path);
    watches.remove(absolute);
    known.delete(absolute);
  }

  function adopt(parent: Directory, name: string, role: Role): Directory | undefined {
    const path = childPath(parent.path, name);
    if (known.size >= (role === 'search' ? bounds.searched : bounds.all)) {
      const message = `Too many cgroups below "${root}": "${path}" and others are left out`;
      problems.report({ kind: 'denied', owner: '', cause: 'too many cgroups', message });
      return undefined;
    }
    const child: Directory = { name, path, role, depth: parent.depth + 1, parent, children: new Map(), leaves: [] };
    parent.children.set(name, child);
    if (role === 'root') roots += 1;
    known.set(directoryOf(root, path), child);
    return child;
  }

  /** Reads one directory and returns the directories in it that are to be read: the new ones, or all. */
  function read(directory: Directory, all: boolean): readonly Directory[] {
    const absolute = directoryOf(root, directory.path);
    const watchedBefore = mustWatch(directory);
    if (watchedBefore) watches.add(absolute);
    const names = subdirectories(absolute, problems);
    if (names === 'gone') {
      if (directory !== top) forget(directory);
      return [];
    }
    if (names === 'busy') {
      wasBusy = true;
      return all ? [...directory.children.values()] : [];
    }
    const gone = new Map(directory.children);
    const next: Directory[] = [];
    for (const name of names) {
      const role = roleIn(directory, name);
      if (role === undefined) continue;
      const old = gone.get(name);
      gone.delete(name);
      const child = old ?? adopt(directory, name, role);
      if (child !== undefined && (all || old === undefined)) next.push(child);
    }
    for (const child of gone.values()) forget(child);
    directory.leaves = names.filter((name) => isLeafIn(directory, name));
    // What came between the reading and a watch that begins only now would be missed: read once more.
    if (!watchedBefore && mustWatch(directory)) next.push(directory);
    return next;
  }

  /** Reads directories, and level by level what is new in them, or everything. */
  function scan(directories: Iterable<Directory>, all: boolean): void {
    let level: readonly Directory[] = [...directories];
    while (level.length > 0) {
      const next: Directory[] = [];
      for (const directory of level) {
        if (known.get(directoryOf(root, directory.path)) === directory) next.push(...read(directory, all));
      }
      level = next;
    }
  }

  return {
    refresh() {
      const changed = watches.take();
      const every = watches.incomplete || roots === 0 || wasBusy ? fullScanEvery.unwatched : fullScanEvery.watched;
      if (now() - fullScanAt >= every) {
        fullScanAt = now();
        wasBusy = false;
        watches.renew();
        scan([top], true);
        return true;
      }
      if (changed.size === 0) return false;
      const directories = Array.from(changed, (absolute) => known.get(absolute));
      scan(
        directories.filter((directory) => directory !== undefined),
        false,
      );
      return true;
    },
    *holders() {
      for (const directory of known.values()) if (directory.role === 'pod' || directory.leaves.length > 0) yield directory;
    },
    close() {
      watches.close();
      known.clear();
    },
  };
}

/** What a directory in another one is; `undefined` for what is of no use. */
function roleIn(parent: Directory, name: string): Role | undefined {
  switch (parent.role) {
    case 'search':
      if (isPodsRoot(name)) return 'root';
      return parent.depth + 1 < maxRootDepth && !isIgnored(name) && strayOf(name) === undefined ? 'search' : undefined;
    case 'root':
      if (isQosParent(name)) return 'qos';
      return podUidOf(name) === undefined ? undefined : 'pod';
    case 'qos':
      return podUidOf(name) === undefined ? undefined : 'pod';
    case 'pod':
      return undefined;
  }
}

function isLeafIn({ role }: Directory, name: string): boolean {
  if (role === 'pod') return containerIdOf(name) !== undefined;
  return role === 'search' && strayOf(name) !== undefined;
}

/**
 * Where pods, or their roots, come and go: everything from a pods' root down, what holds one, and the first two levels, in
 * which nearly every root appears. A watch on all the rest would cost the kernel memory for each service of the host.
 */
function mustWatch({ role, depth, children, leaves }: Directory): boolean {
  if (role !== 'search' || depth <= 1 || leaves.length > 0) return true;
  for (const child of children.values()) if (child.role === 'root') return true;
  return false;
}
