import type { Problems } from '../problems.ts';
import { directoryOf } from './hierarchy.ts';
import type { Hierarchy } from './hierarchy.ts';
import { containerIdOf, isIgnored, isPodsRoot, isTransient } from './names.ts';
import { subdirectories, subdirectoriesOrNone } from './subdirectories.ts';
import { createWatches } from './watches.ts';

/** One of the host's own cgroups. */
export interface Slice {
  /** `/` for the root cgroup, else the path without its first slash: `system.slice/ssh.service`. */
  readonly name: string;
  readonly path: string;
}

/**
 * The root cgroup, those in it, and those in its slices, without the pods' root and what has a name that never comes again. `limit` is
 * the most that are returned; those of the first level come first, and that there are more is reported. `busy` where nothing can be said
 * of one of the directories now.
 */
export function listSlices(hierarchy: Hierarchy, limit: number, problems: Problems): readonly Slice[] | 'busy' {
  const first = namesOfHost(hierarchy.walk, problems);
  if (first === 'busy') return 'busy';
  const second: string[] = [];
  for (const parent of first.filter((name) => name.endsWith('.slice'))) {
    const names = namesOfHost(directoryOf(hierarchy.walk, `/${parent}`), problems);
    if (names === 'busy') return 'busy';
    second.push(...names.map((name) => `${parent}/${name}`));
  }
  const all = [{ name: '/', path: '/' }, ...[...first, ...second].map((name) => ({ name, path: `/${name}` }))];
  const beyond = all[limit];
  if (beyond !== undefined) {
    const message = `Too many slices and services below "${hierarchy.walk}": "${beyond.path}" and others are left out`;
    problems.report({ kind: 'denied', owner: '', cause: 'too many slices', message });
  }
  return all.slice(0, limit);
}

function namesOfHost(directory: string, problems: Problems): readonly string[] | 'busy' {
  const names = subdirectories(directory, problems);
  if (names === 'busy') return 'busy';
  return names === 'gone' ? [] : names.filter(isOfHost).toSorted();
}

function isOfHost(name: string): boolean {
  return !isPodsRoot(name) && !isIgnored(name) && !isTransient(name) && containerIdOf(name) === undefined;
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

/** Milliseconds after which the list is made again, in case a change was missed, and where it could not be made. */
const fullScanEvery = 60_000;
const againAfter = 10_000;

/** Reads nothing before the first `refresh()`. */
export function createSliceList({ hierarchy, limit, problems, now }: SliceListOptions): SliceList {
  const watches = createWatches(problems);
  let found: readonly Slice[] = [];
  let version = 0;
  let scannedAt = -Infinity;

  function watchAll(): void {
    watches.add(hierarchy.walk);
    const names = subdirectoriesOrNone(hierarchy.walk, problems);
    for (const name of names.filter((each) => each.endsWith('.slice') && isOfHost(each)))
      watches.add(directoryOf(hierarchy.walk, `/${name}`));
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
      if (next === 'busy') scannedAt = now() + againAfter - fullScanEvery;
      if (next === 'busy' || JSON.stringify(next) === JSON.stringify(found)) return;
      found = next;
      version += 1;
    },
    close,
    [Symbol.dispose]: close,
  };
}
