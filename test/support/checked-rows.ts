/** Which test checks a row of the metric table that no file of a cgroup decides on. */
import { measurements } from '../../src/metrics/measurements.ts';
import type { Measurement } from '../../src/metrics/measurements.ts';
import type { FieldName, TableRow } from '../../src/metrics/table.ts';
import type { Point } from '../unit/write/parse-line.ts';
import { isOfSockets, isToldByNode } from './node-values.ts';

interface CheckedElsewhere {
  /** Below test/. */
  readonly test: string;
  readonly in: readonly Measurement[];
  readonly fields: readonly FieldName[];
}

const withCgroup = ['k8s_container', 'k8s_pod', 'k8s_system'] as const;
const infos = ['k8s_pod_info', 'k8s_container_info'] as const;
const fileSystems = ['k8s_container_fs', 'k8s_pod_fs', 'k8s_pod_volume', 'k8s_node_fs'] as const;

export const checkedElsewhere: readonly CheckedElsewhere[] = [
  {
    test: 'golden/rows-derived.test.ts',
    in: [...withCgroup, 'k8s_node'],
    fields: [
      ...(['memory_working_set_bytes', 'memory_available_bytes', 'memory_working_set_share_of_limit'] as const),
      ...([
        'memory_working_set_share_of_request',
        'cpuset_cpu_count',
        'cpu_request_nanocores',
        'memory_request_bytes',
      ] as const),
    ],
  },
  {
    test: 'integration/known-causes.test.ts',
    in: withCgroup,
    fields: ['cpu_usage_nanocores', 'cpu_usage_share_of_limit', 'cpu_cfs_throttled_share'],
  },
  { test: 'unit/collect/node-unit.test.ts', in: ['k8s_node'], fields: ['cpu_usage_nanocores'] },
  { test: 'unit/derive/formulae.test.ts', in: withCgroup, fields: ['cpu_usage_share_of_request'] },
  { test: 'unit/collect/network-series.test.ts', in: ['k8s_pod_network'], fields: ['is_default'] },
  { test: 'unit/collect/node-network.test.ts', in: ['k8s_node_network'], fields: ['is_default'] },
  { test: 'unit/collect/state-unit.test.ts', in: ['k8s_pod', ...infos], fields: ['oom_kills'] },
  {
    test: 'unit/collect/info-fields.test.ts',
    in: infos,
    fields: [
      ...(['uid', 'phase', 'reason', 'ready', 'terminating', 'started_at_milliseconds', 'priority', 'priority_class'] as const),
      ...(['host_network', 'kind', 'id', 'image', 'image_id', 'state', 'restarts', 'waiting_reason', 'exit_reason'] as const),
      ...(['exit_code', 'exit_signal', 'exited_at_milliseconds', 'cpu_request_nanocores', 'cpu_limit_nanocores'] as const),
      ...(['memory_request_bytes', 'memory_limit_bytes', 'ephemeral_request_bytes', 'ephemeral_limit_bytes'] as const),
    ],
  },
  {
    test: 'unit/collect/node-state.test.ts',
    in: ['k8s_node'],
    fields: [
      ...(['cpu_capacity_nanocores', 'cpu_allocatable_nanocores', 'cpu_requested_nanocores', 'memory_capacity_bytes'] as const),
      ...(['memory_allocatable_bytes', 'memory_requested_bytes', 'ephemeral_capacity_bytes', 'pods'] as const),
      ...(['ephemeral_allocatable_bytes', 'ephemeral_requested_bytes', 'pods_allocatable', 'ready', 'os_image'] as const),
      ...(['memory_pressure', 'disk_pressure', 'pid_pressure', 'schedulable', 'kubelet_version', 'kernel_version'] as const),
      'runtime_version',
    ],
  },
  {
    test: 'unit/collect/file-system-unit.test.ts',
    in: fileSystems,
    fields: [
      ...(['used_bytes', 'available_bytes', 'capacity_bytes', 'inodes_used', 'inodes_free', 'inodes', 'claim'] as const),
    ],
  },
  {
    test: 'unit/heartbeat.test.ts',
    in: ['podgauge', 'podgauge_collector'],
    fields: [
      ...(['run', 'sequence', 'points', 'pods', 'containers', 'descriptors', 'rate_bases', 'log_marks', 'files_gone'] as const),
      ...(['files_denied', 'files_slow', 'lines_malformed', 'objects_malformed', 'pods_late', 'cycles_skipped'] as const),
      ...(['cycle_duration_nanoseconds', 'cycle_cpu_nanoseconds', 'rss_bytes', 'points_sent', 'points_rejected'] as const),
      ...(['points_dropped', 'queue_bytes', 'sends_failed', 'watch_lists', 'watch_starts', 'watch_age_seconds'] as const),
      ...(['pods_filtered', 'series', 'series_folded', 'duration_nanoseconds', 'reads'] as const),
    ],
  },
  { test: 'integration/cardinality.test.ts', in: ['podgauge_series'], fields: ['series'] },
];

const ofKernel: readonly string[] = ['k8s_node', 'k8s_pod', 'k8s_node_network', 'k8s_pod_network'];

/** Whether rows-of-node.test.ts checks a row in a measurement; of a pod that is what its sockets say. */
export function isToldBesideCgroup(row: TableRow, measurement: string): boolean {
  if (row.source === undefined || !ofKernel.includes(measurement)) return false;
  return measurement === 'k8s_pod' ? isOfSockets(row) : isToldByNode(row);
}

/** Throws for a point that the table knows nothing of. */
export function measurementOf({ measurement }: Pick<Point, 'measurement'>): Measurement {
  if (!isMeasurement(measurement)) throw new Error(`No measurement of the table: ${measurement}`);
  return measurement;
}

function isMeasurement(name: string): name is Measurement {
  return name in measurements;
}
