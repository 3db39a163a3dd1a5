/** The pods that the API server shows as running against those in the cgroups of this host. */
import type { Target } from '../locate/targets.ts';
import type { Pod } from '../model.ts';
import { finding, someOf } from './finding.ts';
import type { Finding, Kinds } from './finding.ts';

const what = 'pods found';

export const podKinds = {
  all: { level: 'ok', what, when: 'each pod that runs by the API server was found in the cgroups' },
  some: {
    level: 'warn',
    what,
    when: 'some pods that run by the API server are not in the cgroups',
    remedy: 'check again, since they may have just started or ended; pods in virtual machines have their cgroups inside',
  },
  none: {
    level: 'FAIL',
    what,
    when: 'none of the pods that run by the API server is in the cgroups',
    remedy:
      "set --cgroup-root (PODGAUGE_CGROUP_ROOT) to the host's own /sys/fs/cgroup, and --node-name (NODE_NAME) to the node that this host is",
  },
  idle: {
    level: 'warn',
    what,
    when: 'no pod runs on this node by the API server, or all are left out',
    remedy: 'look at --node-name (NODE_NAME) and --namespaces (PODGAUGE_NAMESPACES), and start a pod',
  },
} as const satisfies Kinds;

/** `found` of `pods` are in the cgroups; `onHost` pods are there in all. */
export function checkPodsFound(pods: ReadonlyMap<string, Pod>, found: readonly Target[], onHost: number): Finding {
  const running = Array.from(pods.values()).filter(runs);
  const uids = new Set(found.map(({ pod }) => pod.uid));
  const missing = running.filter(({ uid }) => !uids.has(uid)).map(({ namespace, name }) => `${namespace}/${name}`);
  const here = running.length - missing.length;
  const counts = `${here} of ${running.length} that run by the API server, of ${onHost} in the cgroups`;
  if (running.length === 0) return finding(podKinds.idle, counts);
  if (missing.length === 0) return finding(podKinds.all, counts);
  return finding(here === 0 ? podKinds.none : podKinds.some, `${counts}; missing: ${someOf(missing)}`);
}

function runs({ api, containers }: Pod): boolean {
  return api?.phase === 'Running' && !api.terminating && containers.some(({ state }) => state === 'running');
}
