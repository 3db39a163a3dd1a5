/** What podgauge wrote, found by the tags that answers of the kubelet's Summary API have words for. */
import type { Point } from '../unit/write/parse-line.ts';
import type { OwnNumber } from './summary-numbers.ts';

export interface OwnReading {
  /** Unix time in milliseconds of the point, and of the end of the cycle that read it. */
  readonly time: number;
  readonly end: number;
  readonly value: number;
}

type Tags = Readonly<Record<string, string>>;

/** Those of one number, by the tags of what it is of, oldest first. */
export function readingsOf(points: readonly Point[], own: OwnNumber): (tags: Tags) => readonly OwnReading[] {
  const durations = new Map<bigint, number>();
  for (const { measurement, fields, time } of points) {
    if (measurement === 'podgauge') durations.set(time, Number(fields['cycle_duration_nanoseconds']) / 1e6);
  }
  const bySeries = new Map<string, OwnReading[]>();
  for (const { measurement, tags, fields, time } of points) {
    const value = fields[own.field];
    if (measurement !== own.measurement || value === undefined) continue;
    const key = keyOf(tags);
    const readings = bySeries.get(key) ?? [];
    bySeries.set(key, readings);
    const moment = Number(time / 1_000_000n);
    readings.push({ time: moment, end: moment + (durations.get(time) ?? 0), value: Number(value) - (own.more?.count ?? 0) });
  }
  for (const readings of bySeries.values()) readings.sort((a, b) => a.time - b.time);
  return (tags) => bySeries.get(keyOf({ ...tags, ...own.tags })) ?? [];
}

/** Tags that no answer has words for. */
const general = ['cluster', 'node', 'qos', 'workload', 'workload_kind'];

function keyOf(tags: Tags): string {
  const telling = Object.entries(tags).filter(([name]) => !general.includes(name));
  return JSON.stringify(telling.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
