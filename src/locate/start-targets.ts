/** What there is to read before the API server has said which pods there are. */
import type { Container, Pod } from '../model.ts';
import { joinTargets } from './targets.ts';
import type { Target } from './targets.ts';
import type { CgroupTree, PodCgroup } from './tree.ts';

/** What the last run knew. */
export interface KnownBefore {
  readonly pods: ReadonlyMap<string, Pod>;
  /** The UIDs by which the cgroups of those pods are named that are left out: they are not read at all. */
  readonly leftOut: ReadonlySet<string>;
}

/** Whether the cgroup at this path is that of a pod's sandbox, which is no container of the pod's. */
export type IsSandbox = (path: string, owner: string) => boolean;

/** Stands where only the API server would know. */
const unknown = 'none';

/**
 * All pods that have a cgroup: those that the last run knew under their names, as far as these are beyond doubt, and stand-ins for
 * all other pods, and for containers that came since then.
 */
export function startTargets(
  { pods, leftOut }: KnownBefore,
  tree: Pick<CgroupTree, 'pods' | 'find'>,
  isSandbox: IsSandbox,
): Target[] {
  const named = joinTargets(new Map(Array.from(pods).filter(([, pod]) => isBeyondDoubt(pod, tree))), tree);
  const namedByPath = new Map(named.map((target) => [target.path, target]));
  const targets = [...named];
  for (const cgroup of tree.pods().values()) {
    if (leftOut.has(cgroup.uid)) continue;
    const owner = `unnamed/${cgroup.uid}`;
    const known = namedByPath.get(cgroup.path);
    const others = new Set(known === undefined ? cgroup.leaves.values() : known.others);
    const leaves = Array.from(cgroup.leaves).filter(([, path]) => others.has(path) && !isSandbox(path, owner));
    if (known === undefined) targets.push(standIn(cgroup, owner, leaves));
    else if (leaves.length > 0) targets.push(standInForContainers(cgroup, owner, leaves));
  }
  return targets;
}

/**
 * The API server gives a UID once. That of a static pod's cgroup comes from a file or from an annotation, so one of its containers
 * has to be there as well: their ids are the runtime's own, and are given once.
 */
function isBeyondDoubt(pod: Pod, tree: Pick<CgroupTree, 'find'>): boolean {
  if (pod.cgroupUid === pod.uid) return true;
  const leaves = tree.find(pod.cgroupUid)?.leaves;
  return pod.containers.some(({ id }) => id !== undefined && leaves?.has(id) === true);
}

function standIn(cgroup: PodCgroup, owner: string, leaves: readonly (readonly [id: string, path: string])[]): Target {
  const read = new Set(leaves.map(([, path]) => path));
  const others = Array.from(cgroup.leaves.values()).filter((path) => !read.has(path));
  return { ...targetOf(cgroup, owner, leaves), others, detached: cgroup.detached };
}

/** The pod itself has its name: of its cgroup and its network nothing is read a second time. */
function standInForContainers(
  cgroup: PodCgroup,
  owner: string,
  leaves: readonly (readonly [id: string, path: string])[],
): Target {
  const target = targetOf(cgroup, owner, leaves);
  return { ...target, pod: { ...target.pod, hostNetwork: true }, others: [], detached: true };
}

function targetOf(
  { uid, path, qos }: PodCgroup,
  owner: string,
  leaves: readonly (readonly [id: string, path: string])[],
): Pick<Target, 'pod' | 'path' | 'containers'> {
  const containers = leaves.map(([id, leaf]) => {
    const container: Container = { name: id, id, state: 'running' };
    return { container, path: leaf };
  });
  const pod: Pod = {
    uid: owner,
    cgroupUid: uid,
    namespace: unknown,
    name: uid,
    workloadKind: unknown,
    workload: unknown,
    qos,
    hostNetwork: false,
    containers: containers.map(({ container }) => container),
    unnamed: true,
  };
  return { pod, path, containers };
}
