/** What every law over the agent's points is made of: what it is shown, and what it has to say in the end. */
import type { Point } from '../../unit/write/parse-line.ts';

export interface TakenCycle {
  /** From 1, without gaps. */
  readonly number: number;
  readonly beat: Point;
  /** All points that were written since the heartbeat before, in their order, without this one's heartbeat. */
  readonly points: readonly Point[];
  /** Unix time in milliseconds on the agent's own machine, read when they had come. */
  readonly arrivedBefore: number;
}

export interface Law {
  /** To be shown every cycle, in order. */
  take(cycle: TakenCycle): void;
  verdicts(): Verdict[];
}

export interface Verdict {
  readonly law: string;
  /** How often it was held against points. */
  readonly checked: number;
  readonly broken: number;
  /** The nearest that anything came to breaking it, or the furthest that it was broken by. */
  readonly worst: string;
  /** The first few. */
  readonly violations: readonly string[];
}

export interface Tally {
  /** Holds one amount against the most that it may be. */
  check(value: number, most: number, describe: () => string): void;
  /** Holds something that either is or is not. */
  hold(isSo: boolean, describe: () => string): void;
  readonly verdict: Verdict;
}

const quoted = 20;

export function createTally(law: string, unit = ''): Tally {
  const violations: string[] = [];
  let checked = 0;
  let broken = 0;
  let worst = '';
  let worstBy = -Infinity;

  function breakBy(text: string): void {
    broken += 1;
    if (violations.length < quoted) violations.push(text);
  }

  return {
    check(value, most, describe) {
      checked += 1;
      const by = value - most;
      if (by > worstBy) {
        worstBy = by;
        worst = `${round(value)} ${unit} of ${round(most)}: ${describe()}`;
      }
      // Neither does a number that is none obey.
      if (!(by <= 0)) breakBy(`${round(value)} ${unit} of ${round(most)}: ${describe()}`);
    },
    hold(isSo, describe) {
      checked += 1;
      if (!isSo) breakBy(describe());
    },
    get verdict() {
      return { law, checked, broken, worst, violations };
    },
  };
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

export function milliseconds({ time }: Point): number {
  return Number(time) / 1e6;
}

/** A field that is a number; `undefined` where it is absent. */
export function amount({ fields }: Point, field: string): number | undefined {
  const value = fields[field];
  return typeof value === 'bigint' || typeof value === 'number' ? Number(value) : undefined;
}

/** Milliseconds that the cycle of this heartbeat took. */
export function durationOf(beat: Point): number {
  return (amount(beat, 'cycle_duration_nanoseconds') ?? 0) / 1e6;
}

/** The same in all points of a series, and in no other. */
export function seriesOf({ measurement, tags }: Point): string {
  const pairs = Object.entries(tags).flatMap(([name, value]) => (name === 'cluster' || name === 'node' ? [] : [value]));
  return [measurement, ...pairs].join(' ');
}

/** `undefined` for a point of no pod. */
export function podOf({ tags }: Point): string | undefined {
  return tags['pod'] === undefined ? undefined : `${tags['namespace']}/${tags['pod']}`;
}
