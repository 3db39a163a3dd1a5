import { sum } from '../host/count.ts';
import type { Count, Fields, NodeRecord, Pod, Resources } from '../model.ts';

/** How full the node is, and how it is, by the fields of `k8s_node`: what the API server tells. */
export function nodeStateFields(record: NodeRecord | undefined, pods: ReadonlyMap<string, Pod>): Fields {
  const active = [...pods.values()].filter(({ api }) => api?.phase !== 'Succeeded' && api?.phase !== 'Failed');
  const requested = (of: (requests: Resources) => Count | undefined): Count | undefined =>
    sum(0, ...active.map(({ api }) => (api === undefined ? 0 : (of(api.requests) ?? 0))));
  return {
    pods: active.length,
    cpu_requested_nanocores: requested(({ cpuNanocores }) => cpuNanocores),
    memory_requested_bytes: requested(({ memoryBytes }) => memoryBytes),
    ephemeral_requested_bytes: requested(({ ephemeralStorageBytes }) => ephemeralStorageBytes),
    ...(record !== undefined && fieldsOf(record)),
  };
}

function fieldsOf(record: NodeRecord): Fields {
  const { capacity, allocatable } = record;
  return {
    cpu_capacity_nanocores: capacity.cpuNanocores,
    memory_capacity_bytes: capacity.memoryBytes,
    ephemeral_capacity_bytes: capacity.ephemeralStorageBytes,
    cpu_allocatable_nanocores: allocatable.cpuNanocores,
    memory_allocatable_bytes: allocatable.memoryBytes,
    ephemeral_allocatable_bytes: allocatable.ephemeralStorageBytes,
    pods_allocatable: allocatable.pods,
    ready: record.ready,
    memory_pressure: record.memoryPressure,
    disk_pressure: record.diskPressure,
    pid_pressure: record.pidPressure,
    schedulable: !record.unschedulable,
    kubelet_version: record.kubeletVersion,
    kernel_version: record.kernelVersion,
    runtime_version: record.containerRuntimeVersion,
    os_image: record.osImage,
  };
}
