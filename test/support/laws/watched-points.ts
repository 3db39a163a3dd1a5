/** All laws over the points of one agent, as they come. */
import type { Point } from '../../unit/write/parse-line.ts';
import { createBeatsLaw } from './beats-law.ts';
import type { CgroupEnds } from './cgroup-ends.ts';
import { createCountersLaw } from './counters-law.ts';
import { createEndsLaw } from './ends-law.ts';
import { createIdentities } from './identities.ts';
import { seriesOf, type TakenCycle, type Verdict } from './law.ts';
import type { Marks } from './marks.ts';
import type { PodLives } from './pod-lives.ts';
import { createSharesLaw, type Physics } from './shares-law.ts';
import { createSumsLaw } from './sums-law.ts';
import { createTimesLaw } from './times-law.ts';

export interface WatchedPoints {
  take(cycle: TakenCycle): void;
  readonly cycles: number;
  readonly points: number;
  /** How many points of each measurement. */
  readonly measurements: ReadonlyMap<string, number>;
  /** Names of series so far: the one thing that grows with time. */
  readonly series: number;
  /** The last heartbeat. */
  readonly last: Point;
  verdicts(): Verdict[];
}

export interface Truth {
  readonly lives: PodLives;
  readonly marks: Marks;
  readonly ends: Pick<CgroupEnds, 'of' | 'within'>;
  readonly physics: Physics;
}

export function watchPoints({ lives, marks, ends, physics }: Truth): WatchedPoints {
  const identities = createIdentities();
  const laws = [
    createCountersLaw(identities, ends),
    createSumsLaw(identities),
    createSharesLaw(physics),
    createEndsLaw({ identities, lives, marks, ends }),
    createTimesLaw(),
    createBeatsLaw(),
  ];
  const series = new Set<string>();
  const measurements = new Map<string, number>();
  let last: Point | undefined;
  let cycles = 0;
  let points = 0;
  return {
    measurements,
    take(cycle) {
      identities.take(cycle);
      for (const law of laws) law.take(cycle);
      for (const point of cycle.points) {
        series.add(seriesOf(point));
        measurements.set(point.measurement, (measurements.get(point.measurement) ?? 0) + 1);
      }
      cycles += 1;
      points += cycle.points.length + 1;
      last = cycle.beat;
    },
    get cycles() {
      return cycles;
    },
    get points() {
      return points;
    },
    get series() {
      return series.size;
    },
    get last() {
      if (last === undefined) throw new Error('There is no heartbeat yet');
      return last;
    },
    verdicts: () => laws.flatMap((law) => law.verdicts()),
  };
}

/** A line for each law, and the violations below it. */
export function reportOf(verdicts: readonly Verdict[]): string {
  const lines = verdicts.flatMap(({ law, checked, broken, worst, violations }) => [
    `${broken === 0 ? 'holds ' : 'BROKEN'} ${law}: ${checked} checked, ${broken} broken${worst === '' ? '' : `; at most ${worst}`}`,
    ...violations.map((text) => `         ${text}`),
  ]);
  return lines.join('\n');
}
