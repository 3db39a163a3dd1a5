import type { Problems } from '../problems.ts';
import { directoryOf } from './hierarchy.ts';
import type { Hierarchy } from './hierarchy.ts';
import { isIgnored, isPodsRoot } from './names.ts';
import { subdirectories } from './subdirectories.ts';
import { createWatches } from './watches.ts';

/** One of the host's own cgroups. */
export interface Slice {
  /** `/` for the root cgroup, else the path without its first slash: `system.slice/ssh.service`. */
  readonly name: string;
  readonly path: string;
}

/**
 * The root cgroup, those in it, and those in its slices, without the pods' root. `limit` is the most that are returned; those
 * of the first level come first, and that there are more is reported.
 */
export function listSlices(hierarchy: Hierarchy, limit: number, problems: Problems): readonly Slice[] {
  const first = (subdirectories(hierarchy.walk, problems) ?? []).filter(isOfHost).toSorted();
  const second = first.filter((name) => name.endsWith('.slice')).flatMap((parent) => childrenOf(hierarchy, parent, problems));
  const all = [{ name: '/', path: '/' }, ...[...first, ...second].map((name) => ({ name, path: `/${name}` }))];
  const beyond = all[limit];
  if (beyond !== undefined) {
    const message = `Too many slices and services below "${hierarchy.walk}": "${beyond.path}" and others are left out`;
    problems.report({ kind: 'denied', owner: '', cause: 'too many slices', message });
  }
  return all.slice(0, limit);
}

function childrenOf(hierarchy: Hierarchy, parent: string, problems: Problems): readonly string[] {
  const names = subdirectories(directoryOf(hierarchy.walk, `/${parent}`), problems) ?? [];
  return names
    .filter(isOfHost)
    .toSorted()
    .map((name) => `${parent}/${name}`);
}

function isOfHost(name: string): boolean {
  return !isPodsRoot(name) && !isIgnored(name);
}

/** The host's slices, kept in step with what is there. */
export interface SliceList extends Disposable {
  /** Grows whenever the list changed. */
  readonly version: number;
  list(): readonly Slice[];
  /** Looks for changes; next to free when there were none. */
  refresh(): void;
  close(): void;
}

export interface SliceListOptions {
  readonly hierarchy: Hierarchy;
  readonly limit: number;
  readonly problems: Problems;
  /** Monotonic milliseconds. */
  now(): number;
}

/** Milliseconds after which the list is made again, in case a change was missed. */
const fullScanEvery = 60_000;

/** Reads nothing before the first `refresh()`. */
export function createSliceList({ hierarchy, limit, problems, now }: SliceListOptions): SliceList {
  const watches = createWatches(problems);
  let found: readonly Slice[] = [];
  let version = 0;
  let scannedAt = -Infinity;

  function watchAll(): void {
    watches.add(hierarchy.walk);
    const names = (subdirectories(hierarchy.walk, problems) ?? []).filter((name) => name.endsWith('.slice') && isOfHost(name));
    for (const name of names) watches.add(directoryOf(hierarchy.walk, `/${name}`));
  }

  const close = (): void => watches.close();
  return {
    get version() {
      return version;
    },
    list: () => found,
    refresh() {
      const due = now() - scannedAt >= fullScanEvery;
      if (watches.take().size === 0 && !due) return;
      if (due) {
        scannedAt = now();
        watches.renew();
      }
      watchAll();
      const next = listSlices(hierarchy, limit, problems);
      if (JSON.stringify(next) === JSON.stringify(found)) return;
      found = next;
      version += 1;
    },
    close,
    [Symbol.dispose]: close,
  };
}
