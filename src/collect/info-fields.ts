import type { Container, ContainerState, Count, Fields, Pod, PodState, Resources } from '../model.ts';

/**
 * The fields of `k8s_pod_info` and `k8s_container_info`. A text that is known to be none is the empty one: InfluxDB keeps the
 * last value of each field, and a reason that is over must not stay.
 */
export function podInfo(pod: Pod, api: PodState, oomKills: Count | undefined): Fields {
  const restarts = pod.containers.flatMap(({ api: state }) => state?.restartCount ?? []);
  return {
    uid: pod.uid,
    phase: api.phase,
    reason: api.reason ?? '',
    ready: api.ready,
    terminating: api.terminating,
    started_at_milliseconds: api.startTime,
    priority: api.priority,
    priority_class: api.priorityClassName ?? '',
    host_network: pod.hostNetwork,
    // Of a pod whose containers the kubelet has not told of yet nothing is known.
    restarts: restarts.length === 0 ? undefined : restarts.reduce((sum, each) => sum + each, 0),
    oom_kills: oomKills,
    ...resourceFields(api.requests, api.limits),
  };
}

export function containerInfo(container: Container, api: ContainerState, oomKills: number): Fields {
  const end = api.termination ?? api.lastTermination;
  return {
    kind: api.kind,
    id: container.id ?? '',
    image: api.image,
    image_id: api.imageId ?? '',
    state: container.state,
    ready: api.ready,
    restarts: api.restartCount,
    started_at_milliseconds: api.startedAt,
    waiting_reason: api.waitingReason ?? '',
    exit_reason: end?.reason ?? '',
    exit_code: end?.exitCode,
    exit_signal: end === undefined ? undefined : (end.signal ?? 0),
    exited_at_milliseconds: end?.finishedAt,
    oom_kills: oomKills,
    ...resourceFields(api.requests, api.limits),
  };
}

function resourceFields(requests: Resources, limits: Resources): Fields {
  return {
    cpu_request_nanocores: requests.cpuNanocores,
    cpu_limit_nanocores: limits.cpuNanocores,
    memory_request_bytes: requests.memoryBytes,
    memory_limit_bytes: limits.memoryBytes,
    ephemeral_request_bytes: requests.ephemeralStorageBytes,
    ephemeral_limit_bytes: limits.ephemeralStorageBytes,
  };
}
