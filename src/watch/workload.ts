import { field, list, text } from './json.ts';

/** What a person deployed: the thing to sum a pod's cost under. */
export interface Workload {
  readonly kind: string;
  readonly name: string;
}

/** What of a pod decides its workload. */
export interface Ownership {
  readonly metadata: unknown;
  readonly podName: string;
  readonly nodeName: string | undefined;
  /** Whether the kubelet made the object for a pod that it runs from a file or a URL. */
  readonly mirror: boolean;
}

const nameLimit = 253;
const kindLimit = 63;

/**
 * Found by names alone, so that the agent needs no right to read Deployments and Jobs: a Deployment names its ReplicaSets
 * `<deployment>-<pod-template-hash>`, a CronJob its Jobs `<cronjob>-<scheduled minute, older: second, since 1970>`. A pod without a
 * controller is its own workload.
 */
export function workloadOf({ metadata, podName, nodeName, mirror }: Ownership): Workload {
  const owner = controllerOf(metadata);
  if (mirror || owner?.kind === 'Node') {
    // The kubelet adds its node's name, in lower case, to the name in the manifest.
    const node = (nodeName ?? owner?.name ?? '').toLowerCase();
    return { kind: 'StaticPod', name: withoutSuffix(podName, `-${node}`) ?? podName };
  }
  if (owner === undefined) return { kind: 'Pod', name: podName };
  if (owner.kind === 'ReplicaSet') {
    const hash = text(field(field(metadata, 'labels'), 'pod-template-hash'), kindLimit);
    const name = hash === undefined ? undefined : withoutSuffix(owner.name, `-${hash}`);
    if (name !== undefined) return { kind: 'Deployment', name };
  }
  if (owner.kind === 'Job') {
    const name = /^(.+)-\d{8,}$/s.exec(owner.name)?.[1];
    if (name !== undefined) return { kind: 'CronJob', name };
  }
  return owner;
}

/** The owner that controls the pod: the API allows one. */
export function controllerOf(metadata: unknown): Workload | undefined {
  for (const owner of list(field(metadata, 'ownerReferences'))) {
    const kind = text(field(owner, 'kind'), kindLimit);
    const name = text(field(owner, 'name'), nameLimit);
    if (field(owner, 'controller') === true && kind !== undefined && name !== undefined) return { kind, name };
  }
  return undefined;
}

function withoutSuffix(name: string, suffix: string): string | undefined {
  return name.length > suffix.length && name.endsWith(suffix) ? name.slice(0, -suffix.length) : undefined;
}
