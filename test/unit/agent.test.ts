import { expect, test } from 'vitest';
import { createAgent } from '../../src/agent.ts';
import type { CycleReport } from '../../src/agent.ts';
import type { Reading } from '../../src/collect/reading.ts';
import type { Unit } from '../../src/collect/unit.ts';
import { createFold } from '../../src/derive/fold.ts';
import { createRates } from '../../src/derive/rates.ts';
import type { Found } from '../../src/locate/source.ts';
import { blankOf, valuesOf } from '../../src/metrics/values.ts';
import type { Sample } from '../../src/model.ts';
import { createProgress } from '../../src/progress.ts';

const period = 1000;

/** An agent over units that the test makes, on a clock that only waiting and reading move. */
function agentOver(
  units: readonly Unit[],
  readMilliseconds: { value: number } = { value: 0 },
  named: () => readonly Sample[] = () => [],
) {
  const stop = new AbortController();
  const time = { value: 100_000, ahead: 0, stopAt: Infinity };
  const written: Sample[][] = [];
  let pending: Sample[] = [];
  const reports: CycleReport[] = [];
  const faults: unknown[] = [];
  const updates: Found[] = [];
  const found: Found = { targets: [], slices: [] };
  const slowed = units.map((each) => ({
    ...each,
    read(deadline: number) {
      time.value += readMilliseconds.value;
      return each.read(deadline);
    },
  }));
  const progress = createProgress(() => time.value);
  const agent = createAgent({
    source: { ready: true, look: () => found },
    tracker: {
      update: (targets, slices) => void updates.push({ targets, slices }),
      units: slowed,
      pods: 0,
      containers: 0,
      close: () => undefined,
    },
    rates: createRates(),
    fold: createFold(() => time.value),
    clock: {
      now: () => time.value,
      wall: () => time.value + time.ahead,
      async wait(milliseconds) {
        time.value += Math.max(0, milliseconds);
        if (time.value >= time.stopAt) stop.abort();
      },
    },
    progress,
    concurrency: 2,
    named,
    write(samples) {
      pending.push(...samples);
      return samples.length;
    },
    flush() {
      if (pending.length > 0) written.push(pending);
      pending = [];
    },
    heartbeat(report) {
      reports.push(report);
      return [{ measurement: 'podgauge', tags: {}, values: blankOf('podgauge'), time: report.time }];
    },
    fault: (_, error) => void faults.push(error),
  });
  return { agent, stop, time, written, reports, faults, updates, progress };
}

function unit(owner: string, read: () => readonly Reading[] = () => [reading(owner)]): Unit {
  return { owner, containers: 0, read, close: () => undefined };
}

function reading(slice: string): Reading {
  return { series: { measurement: 'k8s_system', tags: { slice } }, values: valuesOf('k8s_system', { pids: 1 }), at: 0 };
}

function slicesOf(samples: readonly Sample[] | undefined): readonly (string | undefined)[] {
  return (samples ?? []).map(({ measurement, tags }) => (measurement === 'podgauge' ? measurement : tags['slice']));
}

test('cycles are on the grid, whenever it started, and each ends with its heartbeat', async () => {
  const { agent, stop, time, written, reports } = agentOver([unit('a'), unit('b')]);
  time.value = 100_123;
  time.stopAt = 103_500;
  await agent.run({ period, phase: 500 }, stop.signal);
  expect(reports.map((report) => report.time)).toEqual([100_500, 101_500, 102_500]);
  expect(reports.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
  expect(written.map(slicesOf)).toEqual(Array.from({ length: 3 }, () => ['a', 'b', 'podgauge']));
});

test.each([
  ['back by an hour', -3_600_000],
  ['back by half a period', -period / 2],
  ['ahead by an hour', 3_600_000],
])('when the clock is set %s, cycles go on, on the grid of the new time', async (_, step) => {
  const moments: number[] = [];
  const { agent, stop, time, reports } = agentOver([
    unit('a', () => {
      moments.push(time.value);
      if (moments.length === 2) time.ahead = step;
      return [];
    }),
  ]);
  time.value = 10_000_000;
  time.stopAt = 10_006_000;
  await agent.run({ period, phase: 0 }, stop.signal);
  const gaps = moments.slice(1).map((moment, index) => moment - (moments[index] ?? 0));
  expect(Math.max(...gaps)).toBeLessThan(2 * period);
  expect(moments.length).toBeGreaterThanOrEqual(4);
  expect(reports.map((report) => report.time % period)).toEqual(moments.map(() => 0));
});

test('a unit that throws costs itself alone', async () => {
  const broken = unit('b', () => {
    throw new Error('broken');
  });
  const { agent, stop, written, faults } = agentOver([unit('a'), broken, unit('c')]);
  await agent.cycle(period, stop.signal);
  expect(slicesOf(written[0])).toEqual(['a', 'c', 'podgauge']);
  expect(faults).toEqual([new Error('broken')]);
});

test('a cycle that took longer than its period leaves out those after it, and counts them', async () => {
  const reads = { value: 0 };
  const { agent, stop, time, reports } = agentOver([unit('a')], reads);
  time.stopAt = 110_000;
  reads.value = 2_500;
  await agent.run({ period, phase: 0 }, stop.signal);
  expect(reports.map((report) => report.time)).toEqual([101_000, 104_000, 107_000]);
  expect(reports.map(({ skipped }) => skipped)).toEqual([0, 2, 4]);
});

test('what it says of its progress is what the heartbeats say, and the moment a cycle last began or ended', async () => {
  const reads = { value: 0 };
  const moved: number[] = [];
  const { agent, stop, time, reports, progress } = agentOver([unit('a', () => (moved.push(progress.movedAt), []))], reads);
  expect(progress).toMatchObject({ cycles: 0, movedAt: 100_000 });
  time.stopAt = 110_000;
  reads.value = 2_500;
  await agent.run({ period, phase: 0 }, stop.signal);
  const { cycles, late, skipped, durations } = progress;
  expect(reports.at(-1)).toMatchObject({ sequence: cycles, late });
  expect({ cycles, late, skipped }).toEqual({ cycles: 3, late: 3, skipped: 6 });
  expect(moved).toEqual([101_000, 104_000, 107_000]);
  expect(progress.movedAt).toBe(109_500);
  expect([durations.count, durations.sum]).toEqual([3, 7.5]);
  const atMost = (bound: number) => durations.buckets?.find((bucket) => bucket.bound === bound)?.count;
  expect([1, 2.5, 5, Infinity].map(atMost)).toEqual([0, 3, 3, 3]);
});

test('what a deadline left out or may have cut short is counted, and what it left out comes first in the next cycle', async () => {
  const reads = { value: 30 };
  const { agent, stop, written, reports } = agentOver([unit('a'), unit('b'), unit('c'), unit('d')], reads);
  await agent.cycle(50, stop.signal);
  expect([slicesOf(written[0]), reports[0]?.late]).toEqual([['a', 'b', 'podgauge'], 3]);
  await agent.cycle(50, stop.signal);
  expect([slicesOf(written[1]), reports[1]?.late]).toEqual([['c', 'd', 'podgauge'], 6]);
});

test('what there is to read is taken over only when it changed', async () => {
  const { agent, stop, updates } = agentOver([unit('a')]);
  await agent.cycle(period, stop.signal);
  await agent.cycle(period, stop.signal);
  expect(updates).toHaveLength(1);
});

test('what was held back is written as soon as it has its name, and goes on its way at once', async () => {
  const late: Sample[] = [];
  const named = (): readonly Sample[] => late.splice(0);
  const { agent, stop, written, reports } = agentOver([unit('a')], undefined, named);
  await agent.cycle(period, stop.signal);
  late.push({ measurement: 'k8s_system', tags: { slice: 'late' }, values: valuesOf('k8s_system', { pids: 1 }), time: 7 });
  await agent.cycle(period, stop.signal);
  expect(written.map(slicesOf)).toEqual([['a', 'podgauge'], ['late'], ['a', 'podgauge']]);
  expect(written[1]?.map(({ time }) => time)).toEqual([7]);
  expect(reports.map(({ points }) => points)).toEqual([1, 2]);
});

test('what was held back is written before what came is opened, which may tell of something later at once', async () => {
  const opened: number[] = [];
  let count = (): number => NaN;
  const named = (): readonly Sample[] => {
    opened.push(count());
    return [];
  };
  const { agent, stop, updates } = agentOver([unit('a')], undefined, named);
  count = () => updates.length;
  await agent.cycle(period, stop.signal);
  expect(opened).toEqual([0]);
  expect(updates).toHaveLength(1);
});

test('ends with its signal, also while it waits', async () => {
  const { agent, stop, reports } = agentOver([unit('a')]);
  stop.abort();
  await agent.run({ period, phase: 0 }, stop.signal);
  expect(reports).toEqual([]);
});
