import type { Container, Pod } from '../model.ts';

/** Finds out whose what is held is. */
export interface HeldPods {
  /** One more entry is held of this pod or container, both as the cgroups name them. */
  add(uid: string, container: string | undefined): void;
  /** One less. */
  remove(uid: string, container: string | undefined): void;
  /** Looks for all that is held among these. */
  name(pods: ReadonlyMap<string, Pod>): void;
  /** The pod, and the name of the container; each `undefined` where nobody has named it. */
  of(uid: string, container: string | undefined): Named;
}

export interface Named {
  readonly pod: Pod | undefined;
  readonly container: string | undefined;
}

interface HeldPod {
  entries: number;
  /** Container id → entries. */
  readonly ids: Map<string, number>;
  /** The pod's UID in the API; once it is found it stays. */
  owner: string | undefined;
}

const nobody: Named = { pod: undefined, container: undefined };

export function createHeldPods(): HeldPods {
  const heldByUid = new Map<string, HeldPod>();
  let known: ReadonlyMap<string, Pod> | undefined;

  /**
   * By the UID where the API server gave it itself. That of a static pod's cgroup is but in an annotation: such a pod is found by
   * the ids of its containers, as is one whose cgroup is not named by its UID at all.
   */
  function findOwners(pods: ReadonlyMap<string, Pod>): void {
    let ownersById: ReadonlyMap<string, string | undefined> | undefined;
    for (const [uid, held] of heldByUid) {
      if (held.owner !== undefined) continue;
      if (pods.get(uid)?.cgroupUid === uid) held.owner = uid;
      else {
        ownersById ??= idsOf(pods);
        for (const id of held.ids.keys()) held.owner ??= ownersById.get(id);
      }
    }
  }

  return {
    add(uid, container) {
      let held = heldByUid.get(uid);
      if (held === undefined) heldByUid.set(uid, (held = { entries: 0, ids: new Map(), owner: undefined }));
      held.entries += 1;
      if (container !== undefined) held.ids.set(container, (held.ids.get(container) ?? 0) + 1);
      known = undefined;
    },
    remove(uid, container) {
      const held = heldByUid.get(uid);
      if (held === undefined) return;
      held.entries -= 1;
      if (held.entries === 0) heldByUid.delete(uid);
      const left = container === undefined ? 0 : (held.ids.get(container) ?? 0) - 1;
      if (container !== undefined && left > 0) held.ids.set(container, left);
      else if (container !== undefined) held.ids.delete(container);
      if (heldByUid.size === 0) known = undefined;
    },
    name(pods) {
      if (pods === known) return;
      known = pods;
      findOwners(pods);
    },
    of(uid, id) {
      const owner = heldByUid.get(uid)?.owner;
      const pod = owner === undefined ? undefined : known?.get(owner);
      if (pod === undefined) return nobody;
      return { pod, container: pod.containers.find((container) => id !== undefined && runsOf(container).includes(id))?.name };
    },
  };
}

/** The container's id now, and those of the runs before that are still told of. */
function runsOf({ id, api }: Container): readonly (string | undefined)[] {
  return [id, api?.termination?.containerId, api?.lastTermination?.containerId];
}

/** An id that two pods have is nobody's. */
function idsOf(pods: ReadonlyMap<string, Pod>): ReadonlyMap<string, string | undefined> {
  const owners = new Map<string, string | undefined>();
  for (const [uid, { containers }] of pods) {
    for (const id of containers.flatMap(runsOf)) {
      if (id !== undefined) owners.set(id, owners.has(id) && owners.get(id) !== uid ? undefined : uid);
    }
  }
  return owners;
}
