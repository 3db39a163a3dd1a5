import type { Container, Pod, QosClass } from '../model.ts';
import { field, list, text } from './json.ts';
import { controllerOf, workloadOf } from './workload.ts';

export interface PodRecord {
  /** Absent where the object has no identity to keep it by. */
  readonly pod?: Pod;
  /** What was wrong with the object, in words that are the same for all objects wrong in this way. */
  readonly problem?: string;
}

const nameLimit = 253;
const qosClasses: readonly QosClass[] = ['Guaranteed', 'Burstable', 'BestEffort'];
/** What may name a cgroup: UIDs and ids lead to paths on the host, so nothing that could leave a directory. */
const safe = /^[0-9A-Za-z][0-9A-Za-z._-]{0,252}$/;
const dnsName = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/;

/** Copies what the rest of the way needs out of a pod of the API server, whatever is in it; it never throws. */
export function podRecord(object: unknown): PodRecord {
  const metadata = field(object, 'metadata');
  const uid = safeName(field(metadata, 'uid'));
  const namespace = text(field(metadata, 'namespace'), nameLimit);
  const name = text(field(metadata, 'name'), nameLimit);
  if (uid === undefined) return { problem: 'metadata.uid is not a UID' };
  if (namespace === undefined) return { problem: 'metadata.namespace is not a name' };
  if (name === undefined) return { problem: 'metadata.name is not a name' };

  const spec = field(object, 'spec');
  const status = field(object, 'status');
  const hash = mirrorHash(metadata);
  const nodeName = text(field(spec, 'nodeName'), nameLimit);
  const workload = workloadOf({ metadata, podName: name, nodeName, mirror: hash !== undefined });
  const containers = containersOf(spec, status);
  const pod: Pod = {
    uid,
    cgroupUid: hash ?? uid,
    namespace,
    name,
    workloadKind: workload.kind,
    workload: workload.name,
    qos: qosClasses.find((known) => known === field(status, 'qosClass')) ?? 'unknown',
    hostNetwork: field(spec, 'hostNetwork') === true,
    containers,
  };
  if (!dnsName.test(namespace) || !dnsName.test(name)) return { pod, problem: 'its name or namespace is not a DNS name' };
  if (containers.length === 0) return { pod, problem: 'it has no container' };
  return { pod };
}

/**
 * The UID that the kubelet runs a static pod under. The API server holds only a copy of such a pod, with a UID of the copy's own
 * and the real one in this annotation (kubelet `pkg/kubelet/pod/mirror_client.go`).
 *
 * Anyone who may create pods may write annotations, to be taken for another pod. So `config.hash`, which kubelets never act on
 * in an object of the API, is not believed at all; `config.mirror` only next to the other marks of a mirror pod. That can be
 * forged too (NodeRestriction binds nodes, not users), but then no kubelet runs the pod: it deletes a mirror that it has no
 * static pod for. The store (pod-store.ts) refuses a UID that belongs to another pod.
 */
function mirrorHash(metadata: unknown): string | undefined {
  const annotations = field(metadata, 'annotations');
  const source = field(annotations, 'kubernetes.io/config.source');
  if (source !== 'file' && source !== 'http' && controllerOf(metadata)?.kind !== 'Node') return undefined;
  return safeName(field(annotations, 'kubernetes.io/config.mirror'));
}

/** All containers of the spec, in its order, then any that only the status knows; the first of a name counts. */
function containersOf(spec: unknown, status: unknown): readonly Container[] {
  const statuses = new Map<string, unknown>();
  for (const key of ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses']) {
    for (const entry of list(field(status, key))) {
      const name = text(field(entry, 'name'), nameLimit);
      if (name !== undefined && !statuses.has(name)) statuses.set(name, entry);
    }
  }
  const names = new Set<string>();
  for (const key of ['containers', 'initContainers', 'ephemeralContainers']) {
    for (const entry of list(field(spec, key))) {
      const name = text(field(entry, 'name'), nameLimit);
      if (name !== undefined) names.add(name);
    }
  }
  for (const name of statuses.keys()) names.add(name);
  return Array.from(names, (name) => containerOf(name, statuses.get(name)));
}

function containerOf(name: string, status: unknown): Container {
  const state = stateOf(field(status, 'state'));
  const containerId = field(status, 'containerID');
  const id = typeof containerId === 'string' ? safeName(containerId.replace(/^[^:/]*:\/\//, '')) : undefined;
  return id === undefined ? { name, state } : { name, id, state };
}

function stateOf(state: unknown): Container['state'] {
  if (typeof state !== 'object' || state === null) return 'unknown';
  for (const known of ['running', 'terminated', 'waiting'] as const) {
    const detail = field(state, known);
    if (typeof detail === 'object' && detail !== null) return known;
  }
  // The API's ContainerState with none of its three members means waiting.
  return Object.keys(state).length === 0 ? 'waiting' : 'unknown';
}

function safeName(value: unknown): string | undefined {
  return typeof value === 'string' && safe.test(value) ? value : undefined;
}
