import type { QosClass } from '../model.ts';
import type { Problems } from '../problems.ts';
import { childPath } from './hierarchy.ts';
import type { Hierarchy } from './hierarchy.ts';
import { containerIdOf, dashed, podUidOf, qosOf, strayOf } from './names.ts';
import { createPodDirectories } from './pod-directories.ts';
import type { Directory } from './pod-directories.ts';

/** The cgroups of one pod. Paths start with `/` and are relative to the root of each hierarchy. */
export interface PodCgroup {
  /** As its directory names it, `_` read as `-` below systemd. */
  readonly uid: string;
  readonly path: string;
  readonly qos: QosClass;
  /** Container id → path, with the sandbox's. */
  readonly leaves: ReadonlyMap<string, string>;
  /** Whether the containers lie elsewhere than in `path`: its numbers then say nothing of them. */
  readonly detached: boolean;
}

/** An index of the pods' cgroups on this host. */
export interface CgroupTree extends Disposable {
  /** Grows whenever the index changed. */
  readonly version: number;
  pods(): ReadonlyMap<string, PodCgroup>;
  /** By the UID the kubelet knows the pod by, in whichever form the driver left it. */
  find(uid: string): PodCgroup | undefined;
  /** Looks for changes; next to free when there were none. */
  refresh(): void;
  close(): void;
}

export interface CgroupTreeOptions {
  readonly hierarchy: Hierarchy;
  readonly problems: Problems;
  /** Monotonic milliseconds. */
  now(): number;
}

/** Reads nothing before the first `refresh()`. */
export function createCgroupTree({ hierarchy, problems, now }: CgroupTreeOptions): CgroupTree {
  const directories = createPodDirectories({ root: hierarchy.walk, problems, now });
  let index: ReadonlyMap<string, PodCgroup> = new Map();
  let version = 0;
  const close = (): void => directories.close();
  return {
    get version() {
      return version;
    },
    pods: () => index,
    find: (uid) => index.get(uid) ?? index.get(dashed(uid)),
    refresh() {
      if (!directories.refresh()) return;
      const next = indexOf(directories.holders());
      if (isSameIndex(index, next)) return;
      index = next;
      version += 1;
    },
    close,
    [Symbol.dispose]: close,
  };
}

interface Draft {
  path: string;
  readonly leaves: Map<string, string>;
  detached: boolean;
}

function indexOf(holders: Iterable<Directory>): ReadonlyMap<string, PodCgroup> {
  const drafts = new Map<string, Draft>();
  const strays: [holder: Directory, name: string][] = [];
  for (const holder of [...holders].toSorted(byTrust)) {
    const uid = holder.role === 'pod' ? podUidOf(holder.name) : undefined;
    if (uid === undefined) for (const name of holder.leaves) strays.push([holder, name]);
    else addPod(drafts, uid, holder);
  }
  for (const [holder, name] of strays) addStray(drafts, holder, name);
  const index = new Map<string, PodCgroup>();
  for (const [uid, draft] of drafts) index.set(uid, { uid, qos: qosOf(draft.path), ...draft });
  return index;
}

/** Below this systemd lets users make cgroups of any name, those of pods too (`user@<uid>.service`, which is delegated). */
const ofUsers = /^\/user\.slice\//;

/** What a user may have made comes last, and of the rest what lies deeper: the first is believed. */
function byTrust(one: Directory, other: Directory): number {
  return Number(ofUsers.test(one.path)) - Number(ofUsers.test(other.path)) || one.depth - other.depth;
}

/** Whether it is no part of a pod that lies elsewhere than where a user may have made it. */
function isForged(draft: Draft | undefined, path: string): boolean {
  return draft !== undefined && ofUsers.test(path) && !ofUsers.test(draft.path);
}

/** One UID can have two directories: what a change of the kubelet's driver left behind is empty, and so gives way. */
function addPod(drafts: Map<string, Draft>, uid: string, { path, leaves }: Directory): void {
  if (isForged(drafts.get(uid), path)) return;
  const draft = drafts.get(uid) ?? { path, leaves: new Map<string, string>(), detached: false };
  drafts.set(uid, draft);
  if (draft.leaves.size === 0) draft.path = path;
  for (const name of leaves) addLeaf(draft, path, name);
}

function addStray(drafts: Map<string, Draft>, holder: Directory, name: string): void {
  const stray = strayOf(name);
  if (stray === undefined || isForged(drafts.get(stray.uid), holder.path)) return;
  const draft = drafts.get(stray.uid) ?? { path: stray.podPath, leaves: new Map<string, string>(), detached: true };
  drafts.set(stray.uid, draft);
  if (draft.leaves.size === 0) draft.detached = true;
  addLeaf(draft, holder.path, name);
}

function addLeaf({ leaves }: Draft, parent: string, name: string): void {
  const id = containerIdOf(name);
  if (id !== undefined && !leaves.has(id)) leaves.set(id, childPath(parent, name));
}

function isSameIndex(before: ReadonlyMap<string, PodCgroup>, after: ReadonlyMap<string, PodCgroup>): boolean {
  if (before.size !== after.size) return false;
  for (const [uid, pod] of after) {
    const old = before.get(uid);
    if (old === undefined || old.path !== pod.path || old.detached !== pod.detached) return false;
    if (old.leaves.size !== pod.leaves.size) return false;
    for (const [id, path] of pod.leaves) if (old.leaves.get(id) !== path) return false;
  }
  return true;
}
