/**
 * Points with every row of theirs, as one test each expects them: a row of the metric table that no file of a cgroup decides on has its
 * check here, by value, or test/golden/rows-coverage.test.ts fails.
 */
import type { Measurement } from '../../src/metrics/measurements.ts';
import type { FieldName } from '../../src/metrics/table.ts';
import type { Fields } from '../../src/model.ts';

type Told = Partial<Record<FieldName, Fields[FieldName]>>;

export interface ExpectedPoint<Values extends Told = Told> {
  /** Which test holds the program against it, below test/. */
  readonly test: string;
  readonly in: readonly Measurement[];
  readonly fields: Values;
}

const resources = {
  cpu_request_nanocores: 100_000_000,
  cpu_limit_nanocores: 200_000_000,
  memory_request_bytes: 1024,
  memory_limit_bytes: 2048,
  ephemeral_request_bytes: 10,
  ephemeral_limit_bytes: 20,
} as const;

const usage = {
  used_bytes: 1,
  available_bytes: 2,
  capacity_bytes: 9_007_199_254_740_993n,
  inodes_used: 4,
  inodes_free: 5,
  inodes: 6,
} as const;

const fileSystemUnit = 'unit/collect/file-system-unit.test.ts';
const formulae = 'unit/derive/formulae.test.ts';
const shares = { cpu_usage_share_of_limit: 0.75, cpu_usage_share_of_request: 1.5 } as const;
const rates = { cpu_usage_nanocores: 6, cpu_cfs_throttled_share: 0.25 } as const;

export const expectedPoints = {
  podInfo: {
    test: 'unit/collect/info-fields.test.ts',
    in: ['k8s_pod_info'],
    fields: {
      uid: 'u1',
      phase: 'Failed',
      reason: 'Evicted',
      ready: false,
      terminating: true,
      started_at_milliseconds: 1_700_000_000_000,
      priority: -5,
      priority_class: 'batch',
      host_network: true,
      restarts: 5,
      oom_kills: 4,
      ...resources,
    },
  },
  containerInfo: {
    test: 'unit/collect/info-fields.test.ts',
    in: ['k8s_container_info'],
    fields: {
      kind: 'sidecar',
      id: 'a'.repeat(64),
      image: 'nginx:1.29',
      image_id: 'docker.io/library/nginx@sha256:1',
      state: 'running',
      ready: true,
      restarts: 3,
      started_at_milliseconds: 1_700_000_009_000,
      waiting_reason: 'CrashLoopBackOff',
      exit_reason: 'Error',
      exit_code: 137,
      exit_signal: 9,
      exited_at_milliseconds: 1_700_000_008_000,
      oom_kills: 7,
      ...resources,
    },
  },
  nodeState: {
    test: 'unit/collect/node-state.test.ts',
    in: ['k8s_node'],
    fields: {
      pods: 2,
      cpu_requested_nanocores: 500_000_000,
      memory_requested_bytes: 2000,
      ephemeral_requested_bytes: 20,
      cpu_capacity_nanocores: 4_000_000_000,
      memory_capacity_bytes: 16_000,
      ephemeral_capacity_bytes: 900,
      cpu_allocatable_nanocores: 3_920_000_000,
      memory_allocatable_bytes: 15_000,
      ephemeral_allocatable_bytes: 800,
      pods_allocatable: 100,
      ready: true,
      memory_pressure: false,
      disk_pressure: true,
      pid_pressure: true,
      schedulable: false,
      kubelet_version: 'v1.36.0',
      kernel_version: '6.12.0',
      runtime_version: 'containerd://2.1.0',
      os_image: 'Debian GNU/Linux 13 (trixie)',
    },
  },
  fileSystem: { test: fileSystemUnit, in: ['k8s_container_fs', 'k8s_pod_fs', 'k8s_node_fs'], fields: usage },
  volume: { test: fileSystemUnit, in: ['k8s_pod_volume'], fields: { ...usage, claim: 'data-web-0' } },
  heartbeat: {
    test: 'unit/heartbeat.test.ts',
    in: ['podgauge'],
    fields: {
      run: 1_699_999_990_000,
      sequence: 1,
      points: 7,
      pods: 3,
      containers: 5,
      descriptors: 2,
      rate_bases: 1,
      log_marks: 5,
      files_gone: 1,
      files_denied: 2,
      lines_malformed: 3,
      files_slow: 4,
      objects_malformed: 5,
      faults: 6,
      pods_late: 2,
      cycles_skipped: 4,
      cycle_duration_nanoseconds: 12_500_000,
      cycle_cpu_nanoseconds: 5_000_000,
      rss_bytes: 70_000_000,
      points_sent: 21,
      points_rejected: 22,
      points_dropped: 23,
      values_skipped: 26,
      queue_bytes: 24,
      sends_failed: 25,
      series: 41,
      series_folded: 42,
      points_held: 34,
      points_unnamed: 35,
      saved_failed: 36,
      watch_lists: 31,
      watch_starts: 32,
      pods_filtered: 33,
      watch_age_seconds: 4,
    },
  },
  collector: {
    test: 'unit/heartbeat.test.ts',
    in: ['podgauge_collector'],
    fields: { duration_nanoseconds: 1_500_000, reads: 12 },
  },
  series: { test: 'unit/heartbeat.test.ts', in: ['podgauge_series'], fields: { series: 10 } },
  rates: { test: formulae, in: ['k8s_container', 'k8s_pod', 'k8s_system'], fields: rates },
  ratesOfNode: { test: formulae, in: ['k8s_node'], fields: { cpu_usage_nanocores: rates.cpu_usage_nanocores } },
  shares: { test: formulae, in: ['k8s_container', 'k8s_pod'], fields: shares },
  sharesOfSystem: {
    test: formulae,
    in: ['k8s_system'],
    fields: { cpu_usage_share_of_limit: shares.cpu_usage_share_of_limit },
  },
  podKills: { test: 'unit/collect/between-cycles.test.ts', in: ['k8s_pod'], fields: { oom_kills: 1 } },
  podInterface: { test: 'unit/collect/network-series.test.ts', in: ['k8s_pod_network'], fields: { is_default: true } },
  nodeInterface: { test: 'unit/collect/node-network.test.ts', in: ['k8s_node_network'], fields: { is_default: true } },
} as const satisfies Readonly<Record<string, ExpectedPoint>>;
