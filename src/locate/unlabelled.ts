import type { Pod } from '../model.ts';
import type { CgroupTree, PodCgroup } from './tree.ts';

/** Stands where only the API would know: a tag is never empty. */
const unknown = 'none';

/** The pods of the tree by UID, named by what the tree itself says: pods by their UID, containers by their id. */
export function podsOfTree(tree: Pick<CgroupTree, 'pods'>): ReadonlyMap<string, Pod> {
  return new Map(Array.from(tree.pods(), ([uid, cgroup]) => [uid, podOf(cgroup)]));
}

function podOf({ uid, qos, leaves }: PodCgroup): Pod {
  return {
    uid,
    cgroupUid: uid,
    namespace: unknown,
    name: uid,
    workloadKind: unknown,
    workload: unknown,
    qos,
    // Not to be told from the tree; `sharesHostNetwork` asks the pod's process.
    hostNetwork: false,
    // The sandbox among them: which it is shows only in its process.
    containers: Array.from(leaves.keys(), (id) => ({ name: id, id, state: 'running' })),
  };
}
