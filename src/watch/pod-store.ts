import { isDeepStrictEqual } from 'node:util';
import type { Pod } from '../model.ts';
import type { SeenPod } from './read-pod.ts';

/** The pods known now, by `metadata.uid`: a pod made again under an old name is another pod. */
export interface PodStore {
  put(seen: SeenPod): void;
  remove(uid: string): void;
  /** Puts all of `seen` and removes every other. */
  replace(seen: Iterable<SeenPod>): void;
  /** The same map until something changes. Pods that are not to be kept are not in it. */
  snapshot(): ReadonlyMap<string, Pod>;
  /**
   * Grows with each change of a record. Records are compared as a whole and hold nothing that changes by itself, so an update of
   * anything else is none; and since whoever waits for a change looks once a cycle, one version serves identity and state.
   */
  readonly version: number;
  /** The UIDs by which the cgroups of those pods are named that are not to be kept; the same set until something changes. */
  leftOut(): ReadonlySet<string>;
}

/** `onEnd` is called with the UID of each pod that goes. */
export function createPodStore(onEnd: (uid: string) => void): PodStore {
  const pods = new Map<string, Pod>();
  /** The cgroups of the pods that are left out, by UID: nobody else may claim them. */
  const leftOut = new Map<string, string>();
  let version = 0;
  let taken: ReadonlyMap<string, Pod> = new Map();
  let guarded: ReadonlySet<string> = new Set();
  let takenVersion = 0;

  function put({ pod, kept }: SeenPod): void {
    if (!kept) {
      drop(pod.uid);
      if (leftOut.get(pod.uid) === pod.cgroupUid) return;
      leftOut.set(pod.uid, pod.cgroupUid);
      version += 1;
      return;
    }
    if (leftOut.delete(pod.uid)) version += 1;
    if (isDeepStrictEqual(pods.get(pod.uid), pod)) return;
    pods.set(pod.uid, pod);
    version += 1;
  }

  function drop(uid: string): void {
    if (!pods.delete(uid)) return;
    version += 1;
    onEnd(uid);
  }

  function remove(uid: string): void {
    drop(uid);
    if (leftOut.delete(uid)) version += 1;
  }

  return {
    put,
    remove,
    replace(listed) {
      const left = new Set([...pods.keys(), ...leftOut.keys()]);
      for (const seen of listed) {
        left.delete(seen.pod.uid);
        put(seen);
      }
      for (const uid of left) remove(uid);
    },
    snapshot() {
      take();
      return taken;
    },
    get version() {
      return version;
    },
    leftOut() {
      take();
      return guarded;
    },
  };

  function take(): void {
    if (takenVersion === version) return;
    const next = new Map<string, Pod>();
    guarded = new Set(leftOut.values());
    for (const [uid, pod] of pods) next.set(uid, isStolen(pod) ? { ...pod, cgroupUid: uid } : pod);
    taken = next;
    takenVersion = version;
  }

  /** A cgroup claimed by annotation that is another pod's by its UID, or that of a pod which is left out. */
  function isStolen(pod: Pod): boolean {
    return pod.cgroupUid !== pod.uid && (pods.has(pod.cgroupUid) || leftOut.has(pod.cgroupUid) || guarded.has(pod.cgroupUid));
  }
}
