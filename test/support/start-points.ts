/** What the points of one run say, of pods and containers that all run from its start to its end. */
import type { Point } from '../unit/write/parse-line.ts';

export const beatsIn = (points: readonly Point[]): readonly Point[] =>
  points.filter(({ measurement }) => measurement === 'podgauge');
export const lastBeat = (points: readonly Point[]): Point['fields'] => beatsIn(points).at(-1)?.fields ?? {};

/** `k8s_pod <pod>` and `k8s_container <pod> <container>`. */
export function seriesOf({ measurement, tags }: Point): string {
  return [measurement, tags['pod'], tags['container']].filter((part) => part !== undefined).join(' ');
}

export function seriesOfPods(...names: readonly string[]): string[] {
  return names.flatMap((name) => [`k8s_pod ${name}`, `k8s_container ${name} main`, `k8s_container ${name} side`]);
}

/** Series with a point of the time of the last heartbeat. */
export function seriesNow(points: readonly Point[]): ReadonlySet<string> {
  const time = beatsIn(points).at(-1)?.time;
  return new Set(points.filter((point) => point.time === time).map(seriesOf));
}

/** Cycles that read all they were to read, and yet have none of these times: a late point has its own, before the next cycle. */
export function missed(points: readonly Point[], times: readonly bigint[]): readonly bigint[] {
  const beats = beatsIn(points);
  return beats.flatMap(({ time, fields }, i) => {
    const isWhole = fields['pods_late'] === (beats[i - 1]?.fields['pods_late'] ?? 0n);
    const next = beats[i + 1]?.time ?? 2n ** 63n;
    return isWhole && !times.some((one) => one >= time && one < next) ? [time] : [];
  });
}

export function timesOf(points: readonly Point[], series: string): readonly bigint[] {
  return points.filter((point) => seriesOf(point) === series).map(({ time }) => time);
}

/** Sooner after another one a point has no rate (milliseconds): one cycle was late, and the next was not. */
const leastBetween = 50;

/** Points after the first without the rate 0 of what never ran. */
export function withoutRate(points: readonly Point[], series: string): readonly Point[] {
  const own = points.filter((point) => seriesOf(point) === series).toSorted((a, b) => Number(a.time - b.time));
  const later = own.filter(({ time }, i) => time - (own[i - 1]?.time ?? time) >= BigInt(leastBetween) * 1_000_000n);
  return later.filter(({ fields }) => fields['cpu_usage_nanocores'] !== 0n);
}
