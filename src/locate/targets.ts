import type { Container, Pod } from '../model.ts';
import type { CgroupTree, PodCgroup } from './tree.ts';

/** A pod of the API with its cgroups on this host. */
export interface Target {
  readonly pod: Pod;
  /** Of the pod's own cgroup. */
  readonly path: string;
  /** Those that have a cgroup and did not end. */
  readonly containers: readonly { readonly container: Container; readonly path: string }[];
  /** Leaves that no container of the API object owns: the sandbox, or a container that was not reported yet. */
  readonly others: readonly string[];
  /** Whether the containers lie elsewhere than in `path`: the pod's own cgroup then says nothing of them. */
  readonly detached: boolean;
}

/** Joins by the UID in the directory's name, else by the ids of the containers. A pod without a cgroup is left out. */
export function joinTargets(pods: ReadonlyMap<string, Pod>, tree: Pick<CgroupTree, 'pods' | 'find'>): Target[] {
  let owners: ReadonlyMap<string, PodCgroup> | undefined;
  const ownerOf = (container: Container): PodCgroup | undefined => {
    if (container.id === undefined) return undefined;
    owners ??= ownersOf(tree.pods());
    return owners.get(container.id);
  };

  const targets: Target[] = [];
  const claimed = new Set<PodCgroup>();
  for (const pod of pods.values()) {
    const cgroup = tree.find(pod.cgroupUid) ?? firstOf(pod.containers, ownerOf);
    // A cgroup is one pod's: a second that claims it, by a forged annotation, gets none of its numbers.
    if (cgroup === undefined || claimed.has(cgroup)) continue;
    claimed.add(cgroup);
    targets.push(targetOf(pod, cgroup));
  }
  return targets;
}

function targetOf(pod: Pod, { path, leaves, detached }: PodCgroup): Target {
  const containers: { container: Container; path: string }[] = [];
  const others = new Map(leaves);
  for (const container of pod.containers) {
    const leaf = container.id === undefined ? undefined : others.get(container.id);
    if (container.id === undefined || leaf === undefined) continue;
    // A leaf is one container's: ids that the API gives twice do not make two series of one cgroup.
    others.delete(container.id);
    if (container.state !== 'terminated') containers.push({ container, path: leaf });
  }
  return { pod, path, containers, others: [...others.values()], detached };
}

function ownersOf(pods: ReadonlyMap<string, PodCgroup>): ReadonlyMap<string, PodCgroup> {
  const owners = new Map<string, PodCgroup>();
  for (const cgroup of pods.values()) for (const id of cgroup.leaves.keys()) owners.set(id, cgroup);
  return owners;
}

function firstOf<Item, Result>(items: readonly Item[], find: (item: Item) => Result | undefined): Result | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
