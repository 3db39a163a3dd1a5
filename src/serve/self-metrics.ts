/**
 * The one table of what `/metrics` shows: docs/self-metrics.md comes from it. No row may name a pod, a container or a namespace: the
 * page is open to whoever reaches it.
 */
import { rowsOf } from '../metrics/table.ts';
import type { FieldName } from '../metrics/table.ts';
import type { Own } from '../own.ts';
import type { Distribution } from '../progress.ts';
import { version } from '../version.ts';

interface Family {
  /** Without the suffix that its type adds. Where it has a unit it ends in that. */
  readonly name: string;
  readonly unit?: 'seconds' | 'bytes';
  readonly help: string;
}

interface NumberFamily extends Family {
  readonly type: 'counter' | 'gauge';
  /** Nothing where it is not known. */
  read(own: Own): number | undefined;
}

interface LabelledFamily extends Family {
  readonly type: 'counter' | 'gauge';
  readonly label: string;
  /** By the value of the label. */
  readEach(own: Own): Iterable<readonly [value: string, number: number]>;
}

interface DistributionFamily extends Family {
  readonly type: 'histogram' | 'summary';
  readDistribution(own: Own): Distribution;
}

interface InfoFamily extends Family {
  readonly type: 'info';
  readonly labels: Readonly<Record<string, string>>;
}

export type SelfMetric = NumberFamily | LabelledFamily | DistributionFamily | InfoFamily;

export const selfMetrics: readonly SelfMetric[] = [
  {
    name: 'podgauge_build',
    type: 'info',
    help: 'the version of podgauge, and of the Node.js that runs it',
    labels: { version: version(), node_version: process.version },
  },
  {
    name: 'process_start_time_seconds',
    type: 'gauge',
    unit: 'seconds',
    help: helpOf('run'),
    read: ({ startedAt }) => startedAt / 1000,
  },
  {
    name: 'process_cpu_seconds',
    type: 'counter',
    unit: 'seconds',
    help: 'CPU time podgauge used, user and system',
    read: (own) => own.usage().cpuNanoseconds / 1e9,
  },
  {
    name: 'process_resident_memory_bytes',
    type: 'gauge',
    unit: 'bytes',
    help: helpOf('rss_bytes'),
    read: (own) => own.usage().rssBytes,
  },
  {
    name: 'podgauge_event_loop_lag_seconds',
    type: 'summary',
    unit: 'seconds',
    help: 'how much later than asked for the waits between cycles were over',
    readDistribution: ({ progress }) => progress.lag,
  },
  { name: 'podgauge_cycles', type: 'counter', help: 'cycles that ran', read: ({ progress }) => progress.cycles },
  {
    name: 'podgauge_cycles_skipped',
    type: 'counter',
    help: helpOf('cycles_skipped'),
    read: ({ progress }) => progress.skipped,
  },
  {
    name: 'podgauge_cycle_duration_seconds',
    type: 'histogram',
    unit: 'seconds',
    help: 'how long the reading of a cycle took',
    readDistribution: ({ progress }) => progress.durations,
  },
  {
    name: 'podgauge_cycle_age_seconds',
    type: 'gauge',
    unit: 'seconds',
    help: 'time since a cycle last began or ended, which is what /healthz goes by',
    read: ({ progress, now }) => (now() - progress.movedAt) / 1000,
  },
  {
    name: 'podgauge_collector_duration_seconds',
    type: 'counter',
    unit: 'seconds',
    label: 'collector',
    help: helpOf('duration_nanoseconds'),
    readEach: ({ meters }) => Object.entries(meters).map(([name, { milliseconds }]) => [name, milliseconds / 1000]),
  },
  {
    name: 'podgauge_collector_reads',
    type: 'counter',
    label: 'collector',
    help: helpOf('reads'),
    readEach: ({ meters }) => Object.entries(meters).map(([name, { reads }]) => [name, reads]),
  },
  {
    name: 'podgauge_errors',
    type: 'counter',
    label: 'kind',
    help:
      'what could not be read: files that are gone (normal when pods end), denied, slow (left out) or have a malformed line, and ' +
      'malformed objects of the API server',
    readEach: ({ problems }) => Object.entries(problems.counts),
  },
  { name: 'podgauge_pods', type: 'gauge', help: helpOf('pods'), read: ({ tracker }) => tracker.pods },
  { name: 'podgauge_containers', type: 'gauge', help: helpOf('containers'), read: ({ tracker }) => tracker.containers },
  { name: 'podgauge_pods_late', type: 'counter', help: helpOf('pods_late'), read: ({ progress }) => progress.late },
  {
    name: 'podgauge_pods_filtered',
    type: 'gauge',
    help: helpOf('pods_filtered'),
    read: ({ watch }) => watch?.stats.filtered,
  },
  {
    name: 'podgauge_pods_folded',
    type: 'gauge',
    help: helpOf('series_folded'),
    read: ({ cardinality }) => cardinality.podTags.folded,
  },
  {
    name: 'podgauge_series',
    type: 'gauge',
    label: 'measurement',
    help: 'series written in the last 24 hours: an estimate, within 3 % or so',
    readEach: ({ cardinality }) => cardinality.census.byMeasurement,
  },
  { name: 'podgauge_descriptors', type: 'gauge', help: helpOf('descriptors'), read: ({ descriptors }) => descriptors.open },
  {
    name: 'podgauge_descriptors_limit',
    type: 'gauge',
    help: 'most descriptors that are kept open on kernel files',
    read: ({ descriptors }) => descriptors.max,
  },
  { name: 'podgauge_rate_bases', type: 'gauge', help: helpOf('rate_bases'), read: ({ rates }) => rates.bases },
  { name: 'podgauge_log_marks', type: 'gauge', help: helpOf('log_marks'), read: ({ problems }) => problems.marks },
  {
    name: 'podgauge_queue_points',
    type: 'gauge',
    help: 'points that wait for the target',
    read: ({ writer }) => writer.stats.waiting,
  },
  {
    name: 'podgauge_queue_bytes',
    type: 'gauge',
    unit: 'bytes',
    help: helpOf('queue_bytes'),
    read: ({ writer }) => writer.stats.bytes,
  },
  {
    name: 'podgauge_queue_limit_bytes',
    type: 'gauge',
    unit: 'bytes',
    help: 'most bytes that wait; beyond it the oldest points are dropped',
    read: ({ queueMaxBytes }) => queueMaxBytes,
  },
  { name: 'podgauge_points_sent', type: 'counter', help: helpOf('points_sent'), read: ({ writer }) => writer.stats.sent },
  {
    name: 'podgauge_points_rejected',
    type: 'counter',
    help: helpOf('points_rejected'),
    read: ({ writer }) => writer.stats.rejected,
  },
  {
    name: 'podgauge_points_dropped',
    type: 'counter',
    help: helpOf('points_dropped'),
    read: ({ writer }) => writer.stats.dropped,
  },
  {
    name: 'podgauge_values_skipped',
    type: 'counter',
    help: helpOf('values_skipped'),
    read: ({ writer }) => writer.stats.skipped,
  },
  { name: 'podgauge_sends_failed', type: 'counter', help: helpOf('sends_failed'), read: ({ writer }) => writer.stats.failed },
  {
    name: 'podgauge_watch_age_seconds',
    type: 'gauge',
    unit: 'seconds',
    help: helpOf('watch_age_seconds'),
    read: ({ watch, now }) => watch && (now() - watch.stats.lastHeardAt) / 1000,
  },
  { name: 'podgauge_watch_lists', type: 'counter', help: helpOf('watch_lists'), read: ({ watch }) => watch?.stats.lists },
  { name: 'podgauge_watch_starts', type: 'counter', help: helpOf('watch_starts'), read: ({ watch }) => watch?.stats.starts },
];

/** What the heartbeat shows too is told in the same words. */
function helpOf(field: FieldName): string {
  const row = [...rowsOf('podgauge'), ...rowsOf('podgauge_collector')].find((one) => one.field === field);
  if (row === undefined) throw new Error(`The heartbeat has no field ${field}`);
  return row.help;
}
