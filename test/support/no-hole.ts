import { expect } from 'vitest';
import { range } from './journal.ts';
import { number } from './point-set.ts';
import type { CyclePoints } from './point-set.ts';

interface Wanted {
  /** Of the grid of the cycles, in milliseconds. */
  readonly period: number;
  readonly phase: number;
  /** The series of each cycle. */
  readonly pointsOfCycle: number;
  /** Unix time in milliseconds. */
  readonly from: number;
  readonly to: number;
}

/** Cycles that a test machine may have been too busy for, and those that it may have cut short; the agent counts each. */
const [mostSkipped, mostCut] = [3, 3];

/**
 * Every period of the time between two looks at the test's own clock has its cycle, with a point of every series but those of pods that
 * its deadline left out.
 */
export function expectNoHole(cycles: readonly CyclePoints[], { period, phase, pointsOfCycle, from, to }: Wanted): void {
  // Its time is rounded.
  const slotOf = (time: number) => Math.floor((time - phase + 5) / period);
  const during = cycles.filter(({ beat }) => beat.time > from && beat.time < to);
  const series = new Set(during.flatMap(({ points }) => points.map((point) => point.series)));
  expect(series.size).toBe(pointsOfCycle);
  const cut = during.flatMap(({ beat, points }) => {
    const missing = pointsOfCycle - new Set(points.map((point) => point.series)).size;
    const before = cycles.findLast((other) => other.beat.time < beat.time)?.beat;
    const late = number(beat, 'pods_late') - (before === undefined ? 0 : number(before, 'pods_late'));
    return missing === 0 ? [] : [{ missing, late }];
  });
  expect(cut.filter(({ missing, late }) => missing < 0 || missing > 3 * late)).toEqual([]);
  expect(cut.length).toBeLessThanOrEqual(mostCut);

  const slots = new Set(during.map(({ beat }) => slotOf(beat.time)));
  const holes = range(slotOf(from) + 1, slotOf(to) - 1).filter((slot) => !slots.has(slot));
  expect(holes.length).toBeLessThanOrEqual(Math.min(mostSkipped, number(cycles.at(-1)?.beat, 'cycles_skipped')));
}
