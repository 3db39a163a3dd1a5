import type { Metric } from './metric.ts';

const parts = ['k8s_container_fs', 'k8s_pod_fs', 'k8s_pod_volume', 'k8s_node_fs'] as const;

export const fileSystemMetrics = [
  {
    field: 'used_bytes',
    in: parts,
    unit: 'bytes',
    kind: 'gauge',
    source: "the kubelet's Summary API, or podgauge's own walk",
    help: 'bytes used',
  },
  {
    field: 'available_bytes',
    in: parts,
    unit: 'bytes',
    kind: 'gauge',
    source: "the kubelet's Summary API, or podgauge's own walk",
    help: 'bytes that are left on its file system',
  },
  {
    field: 'capacity_bytes',
    in: parts,
    unit: 'bytes',
    kind: 'gauge',
    source: "the kubelet's Summary API, or podgauge's own walk",
    help: 'size of its file system',
  },
  {
    field: 'inodes_used',
    in: parts,
    unit: 'count',
    kind: 'gauge',
    source: "the kubelet's Summary API, or podgauge's own walk",
    help: 'inodes used',
  },
  {
    field: 'inodes_free',
    in: parts,
    unit: 'count',
    kind: 'gauge',
    source: "the kubelet's Summary API, or podgauge's own walk",
    help: 'inodes that are left on its file system',
  },
  {
    field: 'inodes',
    in: parts,
    unit: 'count',
    kind: 'gauge',
    source: "the kubelet's Summary API, or podgauge's own walk",
    help: 'inodes of its file system',
  },
  {
    field: 'claim',
    in: ['k8s_pod_volume'],
    unit: 'text',
    kind: 'gauge',
    source: "the kubelet's Summary API",
    help: 'name of the PersistentVolumeClaim behind it; empty where there is none',
  },
] as const satisfies readonly Metric[];
