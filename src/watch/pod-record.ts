import type { Pod, PodState, QosClass } from '../model.ts';
import { condition } from './conditions.ts';
import { containerRecords } from './container-record.ts';
import type { ContainerRecord } from './container-record.ts';
import { podDemand } from './demand.ts';
import { field, integer, moment, text } from './json.ts';
import { nameLimit, safeName } from './names.ts';
import { resourcesOf } from './resources.ts';
import { pick } from './selection.ts';
import type { Selection } from './selection.ts';
import { controllerOf, workloadOf } from './workload.ts';

export interface PodRecord {
  /** Absent where the object has no identity to keep it by. */
  readonly pod?: Pod;
  /** What was wrong with the object, in words that are the same for all objects wrong in this way. */
  readonly problem?: string;
}

const qosClasses: readonly QosClass[] = ['Guaranteed', 'Burstable', 'BestEffort'];
const dnsName = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/;

/** Copies what the rest of the way needs out of a pod of the API server, whatever is in it; it never throws. */
export function podRecord(object: unknown, selection: Pick<Selection, 'labels' | 'annotations'>): PodRecord {
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
  const records = containerRecords(spec, status);
  const labels = pick(field(metadata, 'labels'), selection.labels);
  const annotations = pick(field(metadata, 'annotations'), selection.annotations);
  const pod: Pod = {
    uid,
    cgroupUid: hash ?? uid,
    namespace,
    name,
    workloadKind: workload.kind,
    workload: workload.name,
    qos: qosClasses.find((known) => known === field(status, 'qosClass')) ?? 'unknown',
    hostNetwork: field(spec, 'hostNetwork') === true,
    containers: records.map(({ container }) => container),
    ...(labels !== undefined && { labels }),
    ...(annotations !== undefined && { annotations }),
    api: stateOf(object, records),
  };
  if (!dnsName.test(namespace) || !dnsName.test(name)) return { pod, problem: 'its name or namespace is not a DNS name' };
  if (records.length === 0) return { pod, problem: 'it has no container' };
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

function stateOf(object: unknown, containers: readonly ContainerRecord[]): PodState {
  const spec = field(object, 'spec');
  const status = field(object, 'status');
  const specified = containers.filter((container) => container.specified);
  const { requests, limits } = podDemand(spec, specified);
  return {
    phase: text(field(status, 'phase'), nameLimit),
    reason: text(field(status, 'reason'), nameLimit),
    ready: condition(status, 'Ready'),
    startTime: moment(field(status, 'startTime')),
    terminating: text(field(field(object, 'metadata'), 'deletionTimestamp'), nameLimit) !== undefined,
    priority: integer(field(spec, 'priority')),
    priorityClassName: text(field(spec, 'priorityClassName'), nameLimit),
    runtimeClassName: text(field(spec, 'runtimeClassName'), nameLimit),
    restartPolicy: text(field(spec, 'restartPolicy'), nameLimit),
    requests: resourcesOf(requests),
    limits: resourcesOf(limits),
  };
}
