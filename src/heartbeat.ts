import type { CycleReport } from './agent.ts';
import type { NodeTags } from './collect/pod-tags.ts';
import type { Measurement } from './metrics/measurements.ts';
import { valuesOf } from './metrics/values.ts';
import type { Fields, Sample, Tags } from './model.ts';
import type { Own } from './own.ts';

/** How often an estimate of series is written that did not change (milliseconds). */
const seriesEvery = 300_000;

/** The agent's own point of each cycle: what it read, what it keeps, what went wrong and what it cost. */
export function createHeartbeat(own: Own, nodeTags: NodeTags): (report: CycleReport) => readonly Sample[] {
  const { tracker, rates, descriptors, problems, writer, watch, held, savingProblems, cardinality } = own;
  let cpuBefore = 0;
  const knownSeries = new Map<Measurement, { readonly tags: Tags; series: number; writtenAt: number }>();
  const tagsByCollector = new Map(Object.keys(own.meters).map((collector) => [collector, { ...nodeTags, collector }]));

  /** Those that were never used say nothing. */
  function collectorSamples(time: number): Sample[] {
    return Object.entries(own.meters).flatMap(([collector, { milliseconds, reads }]) => {
      const tags = tagsByCollector.get(collector);
      if (reads === 0 || tags === undefined) return [];
      const fields = { duration_nanoseconds: Math.round(milliseconds * 1e6), reads };
      return [{ measurement: 'podgauge_collector', tags, time, values: valuesOf('podgauge_collector', fields) }];
    });
  }

  /** On change, and every few minutes. */
  function* seriesSamples(time: number): Iterable<Sample> {
    for (const [measurement, series] of cardinality.census.byMeasurement) {
      let known = knownSeries.get(measurement);
      if (known === undefined) {
        known = { tags: { ...nodeTags, measurement }, series: -1, writtenAt: 0 };
        knownSeries.set(measurement, known);
      }
      if (known.series === series && Math.abs(time - known.writtenAt) < seriesEvery) continue;
      known.series = series;
      known.writtenAt = time;
      yield { measurement: 'podgauge_series', tags: known.tags, time, values: valuesOf('podgauge_series', { series }) };
    }
  }

  return (report) => {
    const { cpuNanoseconds, rssBytes } = own.usage();
    const cycleCpu = cpuNanoseconds - cpuBefore;
    cpuBefore = cpuNanoseconds;
    const fields: Fields = {
      run: own.startedAt,
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
      faults: problems.counts.fault,
      pods_late: report.late,
      cycles_skipped: report.skipped,
      cycle_duration_nanoseconds: Math.round(report.durationMilliseconds * 1e6),
      cycle_cpu_nanoseconds: cycleCpu,
      rss_bytes: rssBytes,
      points_sent: writer.stats.sent,
      points_rejected: writer.stats.rejected,
      points_dropped: writer.stats.dropped,
      values_skipped: writer.stats.skipped,
      queue_bytes: writer.stats.bytes,
      sends_failed: writer.stats.failed,
      series: cardinality.census.total,
      series_folded: cardinality.podTags.folded,
      ...(held !== undefined && { points_held: held.points, points_unnamed: held.givenUp }),
      ...(watch !== undefined && {
        saved_failed: savingProblems?.counts.denied,
        watch_lists: watch.stats.lists,
        watch_starts: watch.stats.starts,
        pods_filtered: watch.stats.filtered,
        watch_age_seconds: Math.round((own.now() - watch.stats.lastHeardAt) / 1000),
      }),
    };
    const { time } = report;
    // The last point of its cycle: who reads on in a file knows by it that the cycle is whole.
    return [
      ...collectorSamples(time),
      ...seriesSamples(time),
      { measurement: 'podgauge', tags: nodeTags, time, values: valuesOf('podgauge', fields) },
    ];
  };
}
