import type { CycleReport } from './agent.ts';
import type { NodeTags } from './collect/pod-unit.ts';
import type { Tracker } from './collect/tracker.ts';
import type { Rates } from './derive/rates.ts';
import type { Descriptors } from './host/descriptors.ts';
import type { Sample } from './model.ts';
import type { Problems } from './problems.ts';
import type { PodWatch } from './watch/pods.ts';
import type { Writer } from './write/writer.ts';

/** What podgauge itself used so far. */
export interface OwnUsage {
  readonly cpuNanoseconds: number;
  readonly rssBytes: number;
}

export interface HeartbeatParts {
  readonly nodeTags: NodeTags;
  /** Unix time in milliseconds. */
  readonly startedAt: number;
  readonly tracker: Tracker;
  readonly rates: Rates;
  readonly descriptors: Descriptors;
  readonly problems: Problems;
  readonly writer: Writer;
  readonly watch: PodWatch | undefined;
  /** Monotonic milliseconds. */
  now(): number;
  ownUsage(): OwnUsage;
}

/** The agent's own point of each cycle: what it read, what it keeps, what went wrong and what it cost. */
export function createHeartbeat(parts: HeartbeatParts): (report: CycleReport) => Sample {
  const { nodeTags, tracker, rates, descriptors, problems, writer, watch } = parts;
  let cpuBefore = 0;
  return (report) => {
    const { cpuNanoseconds, rssBytes } = parts.ownUsage();
    const cycleCpu = cpuNanoseconds - cpuBefore;
    cpuBefore = cpuNanoseconds;
    return {
      measurement: 'podgauge',
      tags: nodeTags,
      time: report.time,
      fields: {
        run: parts.startedAt,
        sequence: report.sequence,
        points: report.points,
        pods: tracker.pods,
        containers: tracker.containers,
        descriptors: descriptors.open,
        rate_bases: rates.bases,
        log_marks: problems.marks,
        files_gone: problems.counts.gone,
        files_denied: problems.counts.denied,
        files_slow: problems.counts.slow,
        lines_malformed: problems.counts.malformed,
        objects_malformed: problems.counts.object,
        pods_late: report.late,
        cycles_skipped: report.skipped,
        cycle_duration_nanoseconds: Math.round(report.durationMilliseconds * 1e6),
        cycle_cpu_nanoseconds: cycleCpu,
        rss_bytes: rssBytes,
        points_sent: writer.stats.sent,
        points_rejected: writer.stats.rejected,
        points_dropped: writer.stats.dropped,
        queue_bytes: writer.stats.bytes,
        sends_failed: writer.stats.failed,
        ...(watch !== undefined && {
          watch_lists: watch.stats.lists,
          watch_starts: watch.stats.starts,
          watch_age_seconds: Math.round((parts.now() - watch.stats.lastHeardAt) / 1000),
        }),
      },
    };
  };
}
