import { basename } from 'node:path';
import { parseCgroupProcs } from '../host/cgroup-procs.ts';
import { directoryOf } from './hierarchy.ts';
import type { Hierarchy } from './hierarchy.ts';
import { leafProcesses } from './leaf-processes.ts';
import { containerIdOf } from './names.ts';
import { containerIdsOf, liveStat, readOnce } from './process-files.ts';
import type { ProcessHost } from './process-files.ts';
import { createProcessIndex } from './process-index.ts';
import type { Target } from './targets.ts';

/** Finds for a pod a process whose network namespace is the pod's. */
export interface ProcessFinder {
  /** A live process of the pod, numbered as in `<proc-root>`: the same while it lives. `undefined` where it has none. */
  find(target: Target): number | undefined;
  /** The first process of one container, by the path of its cgroup; `undefined` where it has none. */
  first(path: string, owner: string): number | undefined;
  /** Whether the cgroup at this path is that of a sandbox; false where its process cannot be seen. */
  isSandbox(path: string, owner: string): boolean;
  /** Lets go of what is kept for a pod. */
  forget(uid: string): void;
  /** Pods for which something is kept. */
  readonly size: number;
}

export interface ProcessFinderOptions extends ProcessHost {
  readonly hierarchy: Hierarchy;
}

interface Found {
  readonly pid: number;
  /** Of the container it is in. */
  readonly id: string;
}

/** That a pod had no process is believed for so many milliseconds, or until it has other containers. */
const believedFor = 2_000;
/** Processes of one container whose age is looked up: its first one is nearly always the first that is listed. */
const maxCompared = 128;

interface Leaf {
  readonly id: string;
  readonly pids: readonly number[];
  readonly foreign: number;
}

export function createProcessFinder(options: ProcessFinderOptions): ProcessFinder {
  const { hierarchy, now } = options;
  const index = createProcessIndex(options);
  const found = new Map<string, Found>();
  const missed = new Map<string, { readonly leaves: string; readonly until: number }>();
  let inHostsNamespace = false;

  function isAlive({ pid, id }: Found, owner: string): boolean {
    // The pid may be another process's by now: its cgroup tells.
    return liveStat(options, pid, owner) !== undefined && containerIdsOf(options, pid, owner).has(id);
  }

  /** The process that started first is the container's own; a later one may have made a namespace of its own. */
  function firstProcess({ id, pids }: Leaf, owner: string): Found | undefined {
    const stats = pids.slice(0, maxCompared).flatMap((pid) => {
      const stat = liveStat(options, pid, owner);
      return stat === undefined ? [] : [{ pid, startTime: stat.startTime }];
    });
    stats.sort((a, b) => (a.startTime === b.startTime ? a.pid - b.pid : a.startTime < b.startTime ? -1 : 1));
    for (const { pid } of stats) if (containerIdsOf(options, pid, owner).has(id)) return { pid, id };
    return undefined;
  }

  function isSandbox({ pids }: Leaf, owner: string): boolean {
    const [pid] = pids;
    return pids.length === 1 && pid !== undefined && liveStat(options, pid, owner)?.comm === 'pause';
  }

  /** The sandbox's, else a container's, else that of something the API has not told of: all share the pod's network. */
  function choose(others: readonly Leaf[], containers: readonly Leaf[], owner: string): Found | undefined {
    const sandboxes = others.filter((leaf) => isSandbox(leaf, owner));
    for (const leaf of [...sandboxes, ...containers, ...others]) {
      const first = firstProcess(leaf, owner);
      if (first !== undefined) return first;
    }
    return undefined;
  }

  function listed(path: string, owner: string): Leaf {
    const procs = leafProcesses(options, directoryOf(hierarchy.walk, path), owner);
    return { id: containerIdOf(basename(path)) ?? '', pids: procs?.pids ?? [], foreign: procs?.foreign ?? 0 };
  }

  function indexed({ id }: Leaf): Leaf {
    return { id, pids: index.processesOf(id), foreign: 0 };
  }

  /** Whether `cgroup.procs` names the host's processes. Its root always has some: kernel threads never leave it. */
  function seesAllProcesses(): boolean {
    if (inHostsNamespace) return true;
    const procs = readOnce(options, `${hierarchy.walk}/cgroup.procs`, '', parseCgroupProcs);
    inHostsNamespace = procs !== undefined && procs.pids.length > 0;
    return inHostsNamespace;
  }

  /**
   * Whether what is not listed is not there. Seen from another pid namespace, v2 lists zeros and v1 nothing; and pids of this
   * agent's own pod may lead to strangers.
   */
  function isToldAll(leaves: readonly Leaf[]): boolean {
    const listsAny = leaves.some(({ pids, foreign }) => foreign > 0 || pids.length > 0);
    return (hierarchy.version === 2 && !listsAny) || seesAllProcesses();
  }

  function search({ pod, containers, others }: Target): Found | undefined {
    const ofOthers = others.map((path) => listed(path, pod.uid));
    const ofContainers = containers.map(({ path }) => listed(path, pod.uid));
    const chosen = choose(ofOthers, ofContainers, pod.uid);
    if (chosen !== undefined) return chosen;
    if (isToldAll([...ofOthers, ...ofContainers])) return undefined;
    return choose(ofOthers.map(indexed), ofContainers.map(indexed), pod.uid);
  }

  return {
    find(target) {
      const { uid } = target.pod;
      const known = found.get(uid);
      if (known !== undefined && isAlive(known, uid)) return known.pid;
      found.delete(uid);
      const leaves = [...target.others, ...target.containers.map(({ path }) => path)].join(' ');
      const miss = missed.get(uid);
      if (miss !== undefined && miss.leaves === leaves && now() < miss.until) return undefined;
      const next = search(target);
      if (next === undefined) {
        missed.set(uid, { leaves, until: now() + believedFor });
        return undefined;
      }
      missed.delete(uid);
      found.set(uid, next);
      return next.pid;
    },
    first(path, owner) {
      const leaf = listed(path, owner);
      const first = firstProcess(leaf, owner);
      if (first !== undefined || isToldAll([leaf])) return first?.pid;
      return firstProcess(indexed(leaf), owner)?.pid;
    },
    isSandbox(path, owner) {
      const leaf = listed(path, owner);
      if (isSandbox(leaf, owner)) return true;
      return !isToldAll([leaf]) && isSandbox(indexed(leaf), owner);
    },
    forget(uid) {
      found.delete(uid);
      missed.delete(uid);
    },
    get size() {
      return found.size + missed.size;
    },
  };
}
