/** Compares numbers of the kubelet's Summary API with those of podgauge, taken on the same node at the same time. */
import type { Point } from '../unit/write/parse-line.ts';
import { readingsOf } from './own-readings.ts';
import type { OwnReading } from './own-readings.ts';
import type { OwnNumber } from './summary-numbers.ts';
import { subjectOf } from './summary-samples.ts';
import type { SummarySample } from './summary-samples.ts';

/** What became of one number, over all things that have it. */
export interface Agreement {
  readonly place: string;
  readonly own: OwnNumber;
  /** Samples with readings of podgauge's before and after, or means. */
  readonly compared: number;
  /** Those of them that are the very number that podgauge read before and after. */
  readonly equal: number;
  /** The largest distance of a sample from what podgauge read before and after, or of a mean as a share of the other. */
  readonly largest: number;
  /** In words, those that are further away than they may be. */
  readonly failures: readonly string[];
  /** Those that there were for half a minute and of which podgauge wrote nothing. */
  readonly missing: readonly string[];
}

export interface Comparison {
  /** Oldest first. */
  readonly samples: readonly SummarySample[];
  readonly points: readonly Point[];
  /** By their places in an answer. */
  readonly numbers: ReadonlyMap<string, OwnNumber>;
  /** Whether it is of a load that does not change: the means of other rates are given, and not judged. */
  isSteady(sample: SummarySample): boolean;
}

/** The kubelet tells no parts of a second, and takes the time when it has read: its reading is from a moment before. */
const marginMilliseconds = 1000;
const missedMilliseconds = 30_000;
/** Until the kubelet has told of what was started again. */
const untoldMilliseconds = 20_000;
const steadyMilliseconds = 60_000;
const steadyTolerance = 0.05;
/** Of what uses less, the kernel's clock of 10 ms tells the rate too coarsely. */
const leastNanocores = 50_000_000;

export function agreementsOf({ samples, points, numbers, isSteady }: Comparison): Agreement[] {
  const byPlace = Map.groupBy(samples, ({ place }) => place);
  const until = (samples.at(-1)?.time ?? 0) - untoldMilliseconds;
  return Array.from(numbers, ([place, own]) => {
    const readings = readingsOf(points, own);
    const subjects = Array.from(Map.groupBy(byPlace.get(place) ?? [], subjectOf).values());
    const missing: string[] = [];
    const results = subjects.flatMap((series) => {
      const [first] = series;
      if (first === undefined) return [];
      const ours = readings(first.tags);
      if (ours.length === 0 && longest(series) >= missedMilliseconds) missing.push(subjectOf(first));
      return own.kind === 'rate' ? compareMeans(series, ours, isSteady(first)) : compareEach(series, ours, own, until);
    });
    return {
      place,
      own,
      compared: results.length,
      equal: results.filter(({ equal }) => equal).length,
      largest: Math.max(0, ...results.map(({ distance }) => distance)),
      failures: results.flatMap(({ failure }) => failure ?? []),
      missing,
    };
  });
}

/** Of a gauge that was compared less often than this none may be too far away. */
const oneIn = 5;

/**
 * What is wrong. What comes and goes within a second only one of the two sees, and what the kubelet tells it may have put together anew
 * under the same time: of what is no counter and no rate, one sample of all may be too far away. What means another thing is so in
 * every one.
 */
export function disagreementsOf({ own, compared, failures }: Agreement): readonly string[] {
  const mayMiss = own.kind !== 'counter' && own.kind !== 'rate' && compared >= oneIn;
  return own.other !== undefined || (mayMiss && failures.length === 1) ? [] : failures;
}

interface Result {
  readonly equal: boolean;
  readonly distance: number;
  readonly failure?: string;
}

/** The longest that one and the same thing was told of, in milliseconds. */
function longest(series: readonly SummarySample[]): number {
  const lives = Array.from(Map.groupBy(series, ({ startedAt }) => startedAt).values());
  return Math.max(...lives.map((life) => (life.at(-1)?.time ?? 0) - (life[0]?.time ?? 0)));
}

/**
 * A counter is between what it was before and after. A gauge is too, or further away by no more than the kubelet itself saw it
 * change around that time and one of the kernel's steps, which is in either reading.
 */
function compareEach(
  series: readonly SummarySample[],
  readings: readonly OwnReading[],
  own: OwnNumber,
  until: number,
): Result[] {
  const { kind, step = 0 } = own;
  // What the kubelet itself told has the kubelet's own time.
  const margin = own.apart ?? (kind === 'told' ? 0 : marginMilliseconds);
  const starts = Array.from(new Set(series.map(({ startedAt }) => startedAt))).toSorted((a, b) => a - b);
  const told = series.filter(({ time }) => time <= until);
  return told.flatMap((sample): Result[] => {
    const nextStart = starts.find((start) => start > sample.startedAt) ?? Infinity;
    const same = readings.filter(({ time }) => time >= sample.startedAt && time < nextStart);
    const around = readingsAround(sample.time, same, margin);
    const [first, last] = [around[0], around.at(-1)];
    if (first === undefined || last === undefined) return [];
    const values = around.map(({ value }) => value);
    const [least, most] = [Math.min(...values), Math.max(...values)];
    const distance = Math.max(0, least - sample.value, sample.value - most);
    const allowed = kind === 'counter' ? 0 : step + changeOf(series, first.time, last.time);
    const equal = least === most && distance === 0;
    if (distance <= allowed) return [{ equal, distance }];
    const at = new Date(sample.time).toISOString();
    return [{ equal, distance, failure: `${subjectOf(sample)} at ${at}: ${sample.value}, ours ${values.join(', ')}` }];
  });
}

/** From the last that surely was before to the first that surely was after; none where one of them is missing. */
function readingsAround(time: number, readings: readonly OwnReading[], margin: number): readonly OwnReading[] {
  const before = readings.findLastIndex(({ end }) => end <= time - margin);
  const after = readings.findIndex((reading) => reading.time >= time + margin);
  if (before === -1 || after === -1) return [];
  // Of what was told more than once the last is before and the first after.
  return readings.slice(Math.min(before, after), Math.max(before, after) + 1);
}

/** From the last sample before to the first after. */
function changeOf(series: readonly SummarySample[], from: number, to: number): number {
  const first = series.findLastIndex(({ time }) => time < from);
  const last = series.findIndex(({ time }) => time > to);
  const values = series.slice(Math.max(0, first), last === -1 ? undefined : last + 1).map(({ value }) => value);
  return Math.max(...values) - Math.min(...values);
}

/** Each rate counts for the time since the one before it. */
function compareMeans(series: readonly SummarySample[], readings: readonly OwnReading[], judged: boolean): Result[] {
  const [first] = series;
  const from = Math.max(first?.time ?? 0, readings[0]?.time ?? 0);
  const to = Math.min(series.at(-1)?.time ?? 0, readings.at(-1)?.time ?? 0);
  if (first === undefined || to - from < steadyMilliseconds) return [];
  const [theirs, ours] = [meanOf(series, from, to), meanOf(readings, from, to)];
  if (theirs < leastNanocores) return [];
  const distance = Math.abs(ours - theirs) / theirs;
  const result = { equal: ours === theirs, distance };
  if (!judged || distance <= steadyTolerance) return [result];
  return [{ ...result, failure: `${subjectOf(first)}: a mean of ${theirs}, ours ${ours}` }];
}

function meanOf(rates: readonly { readonly time: number; readonly value: number }[], from: number, to: number): number {
  let sum = 0;
  let covered = 0;
  for (const [index, { time, value }] of rates.entries()) {
    const since = Math.max(from, rates[index - 1]?.time ?? time);
    const length = Math.max(0, Math.min(time, to) - since);
    sum += value * length;
    covered += length;
  }
  return sum / covered;
}
