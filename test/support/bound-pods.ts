import { createHash } from 'node:crypto';
import type { ApiClient, ApiObject } from '../servers/api-client.ts';
import type { CgroupHost, ContainerSpec, PodSpec, RealPod } from './cgroup-host.ts';
import { makeCgroup } from './own-cgroups.ts';

export interface BoundPodSpec {
  readonly name: string;
  readonly namespace?: string;
  readonly node: string;
  readonly netns?: string;
  readonly hostNetwork?: boolean;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly containers: readonly Omit<ContainerSpec, 'id'>[];
}

/** A pod as the API server knows it, and as it runs on this host. */
export interface BoundPod {
  readonly object: ApiObject;
  readonly real: RealPod;
}

/** Plays scheduler and kubelet: binds pods to the node, runs them in real cgroups, and reports their status. */
export async function runBoundPods(api: ApiClient, host: CgroupHost, specs: readonly BoundPodSpec[]): Promise<BoundPod[]> {
  const objects = await api.createPods(
    specs.map(({ containers, netns: _netns, hostNetwork, ...pod }) => ({
      ...pod,
      containers: containers.map(({ name }) => ({ name, image: 'test.local/busy:1' })),
      spec: { hostNetwork: hostNetwork ?? false },
    })),
  );
  const pods = objects.map((object, i): BoundPod => {
    const spec = specs[i];
    if (spec === undefined) throw new Error('The API server made more pods than asked');
    return { object, real: host.makePod(realSpec(object, spec)) };
  });
  await Promise.all(pods.map(({ object, real }) => api.patchPodStatus(object, runningStatus(real))));
  return pods;
}

function realSpec(object: ApiObject, { netns, containers }: BoundPodSpec): PodSpec {
  const uid = object.metadata.uid ?? '';
  return {
    uid,
    qos: 'BestEffort',
    ...(netns !== undefined && { netns }),
    containers: containers.map((container) => ({ ...container, id: containerId(uid, container.name) })),
  };
}

/** Makes a container that nothing runs in again: with another id, and without the limits that it had. */
export async function renewContainer(
  api: ApiClient,
  host: CgroupHost,
  { object, real }: BoundPod,
  name: string,
): Promise<void> {
  const old = real.containers.find((container) => container.name === name);
  if (old === undefined) throw new Error(`No container ${name}`);
  const id = containerId(real.uid, `${name} again`);
  await host.removePod({ ...real, path: old.path, containers: [] });
  makeCgroup(`${real.path}/${id}`);
  const containers = real.containers.map((container) => (container === old ? { ...container, id } : container));
  await api.patchPodStatus(object, runningStatus({ ...real, containers }));
}

/** 64 hex digits, the same for the same container. */
export function containerId(uid: string, name: string): string {
  return createHash('sha256').update(`${uid}/${name}`).digest('hex');
}

export function runningStatus(pod: RealPod): object {
  return {
    phase: 'Running',
    qosClass: 'BestEffort',
    containerStatuses: pod.containers.map(({ name, id }) => ({
      name,
      ready: true,
      restartCount: 0,
      image: 'test.local/busy:1',
      imageID: 'test.local/busy@sha256:0',
      containerID: `containerd://${id}`,
      state: { running: { startedAt: '2026-01-01T00:00:00Z' } },
    })),
  };
}
