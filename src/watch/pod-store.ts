import { isDeepStrictEqual } from 'node:util';
import type { Pod } from '../model.ts';

/** The pods known now, by `metadata.uid`: a pod made again under an old name is another pod. */
export interface PodStore {
  put(pod: Pod): void;
  remove(uid: string): void;
  /** Puts all of `pods` and removes every other. */
  replace(pods: Iterable<Pod>): void;
  /** The same map until something changes. */
  snapshot(): ReadonlyMap<string, Pod>;
  /** Grows with each change. */
  readonly version: number;
}

/** `onEnd` is called with the UID of each pod that goes. */
export function createPodStore(onEnd: (uid: string) => void): PodStore {
  const pods = new Map<string, Pod>();
  let version = 0;
  let taken: ReadonlyMap<string, Pod> = new Map();
  let takenVersion = 0;

  function put(pod: Pod): void {
    if (isDeepStrictEqual(pods.get(pod.uid), pod)) return;
    pods.set(pod.uid, pod);
    version += 1;
  }

  function remove(uid: string): void {
    if (!pods.delete(uid)) return;
    version += 1;
    onEnd(uid);
  }

  return {
    put,
    remove,
    replace(listed) {
      const left = new Set(pods.keys());
      for (const pod of listed) {
        left.delete(pod.uid);
        put(pod);
      }
      for (const uid of left) remove(uid);
    },
    snapshot() {
      if (takenVersion === version) return taken;
      const next = new Map<string, Pod>();
      for (const [uid, pod] of pods) next.set(uid, isStolen(pod) ? { ...pod, cgroupUid: uid } : pod);
      taken = next;
      takenVersion = version;
      return taken;
    },
    get version() {
      return version;
    },
  };

  /** A cgroup claimed by annotation that is another pod's by its UID. */
  function isStolen(pod: Pod): boolean {
    return pod.cgroupUid !== pod.uid && pods.has(pod.cgroupUid);
  }
}
