/** What the agent does between two cycles, and with what it is told then. */
import { expect, test } from 'vitest';
import { createAgent } from '../../src/agent.ts';
import type { CycleReport } from '../../src/agent.ts';
import { all } from '../../src/collect/pod-tags.ts';
import type { Reading } from '../../src/collect/reading.ts';
import type { Unit } from '../../src/collect/unit.ts';
import { createFold } from '../../src/derive/fold.ts';
import { createRates } from '../../src/derive/rates.ts';
import type { Found } from '../../src/locate/source.ts';
import { valuesOf } from '../../src/metrics/values.ts';
import type { Sample } from '../../src/model.ts';
import { createProgress } from '../../src/progress.ts';
import { fieldsOf } from './metrics/fields-of.ts';

const period = 1000;
/** The wall clock is ahead of the monotonic one by so much. */
const ahead = 5_000_000;

const nothing: Found = { targets: [], slices: [] };

function reading(at: number, pids = 1): Reading {
  return { series: { measurement: 'k8s_system', tags: { slice: 'a' } }, values: valuesOf('k8s_system', { pids }), at };
}

function unitOf(owner: string, read: Unit['read']): Unit {
  return { owner, containers: 0, read, close: () => undefined };
}

/** An agent on a clock that only waiting moves, and `pause` after so many looks at the wall clock; `looked` is called at each look, with the time. */
function agentOf(units: readonly Unit[], looked: (time: number) => Found = () => nothing) {
  const stop = new AbortController();
  const clock = { time: 0, ahead, pause: 0, pauses: Infinity, stopAt: Infinity };
  const written: Sample[] = [];
  const reports: CycleReport[] = [];
  const updates: number[] = [];
  const flushes: number[] = [];
  const progress = createProgress(() => clock.time);
  const agent = createAgent({
    source: { ready: true, look: () => looked(clock.time) },
    tracker: { update: () => void updates.push(clock.time), units, pods: 0, containers: 0, close: () => undefined },
    rates: createRates(),
    fold: createFold(() => clock.time),
    clock: {
      now: () => clock.time,
      wall() {
        const time = clock.time + clock.ahead;
        if (clock.pauses > 0) clock.time += clock.pause;
        clock.pauses -= 1;
        return time;
      },
      async wait(milliseconds) {
        clock.time += milliseconds;
        if (clock.time >= clock.stopAt) stop.abort();
      },
    },
    progress,
    concurrency: 1,
    write(samples) {
      written.push(...samples);
      return samples.length;
    },
    flush: () => void flushes.push(written.length),
    heartbeat(report) {
      reports.push(report);
      return [];
    },
    fault: () => undefined,
  });
  return { agent, stop, clock, written, reports, updates, flushes };
}

test('pods that come and go within a period are looked for between two cycles, and taken over when there is a change', async () => {
  const looks: number[] = [];
  const other: Found = { ...nothing };
  const one = agentOf([], (time) => {
    looks.push(time);
    return time === 1500 || time > 2000 ? other : nothing;
  });
  one.clock.time = 1;
  one.clock.stopAt = 2600;
  await one.agent.run({ period, phase: 0 }, one.stop.signal);
  expect(looks).toEqual([251, 501, 751, 1000, 1250, 1500, 1750, 2000, 2250, 2500]);
  expect(one.updates).toEqual([251, 1500, 1750, 2250]);
  expect(one.reports.map(({ time }) => time - ahead)).toEqual([1000, 2000]);
});

test('what is told between two cycles has the time at which it was read, and is among the points of the next', async () => {
  const one = agentOf([], () => nothing);
  one.clock.time = 700;
  one.agent.tell([reading(690), reading(690, 2)]);
  expect(one.written.map(({ time }) => time - ahead)).toEqual([690, 690]);
  await one.agent.cycle(period, one.stop.signal);
  await one.agent.cycle(period, one.stop.signal);
  expect(one.reports.map(({ points }) => points)).toEqual([2, 0]);
});

test('what is told in the midst of a cycle has the time of the cycle, so that no counter seems to fall', async () => {
  const unit = unitOf('a', () => {
    one.clock.time += 20;
    one.agent.tell([reading(one.clock.time, 3)]);
    one.clock.time += 20;
    return [reading(one.clock.time, 4)];
  });
  const one = agentOf([unit], () => nothing);
  one.clock.time = 5000;
  await one.agent.cycle(period, one.stop.signal);
  expect(one.written.map(({ time }) => time - ahead)).toEqual([5000, 5000]);
  one.agent.tell([reading(5040, 5)]);
  expect(one.written.at(-1)?.time).toBe(5040 + ahead);
});

test('a pause of the process in the midst of telling makes no series go back in time', async () => {
  const one = agentOf([], () => nothing);
  one.clock.time = 700;
  one.agent.tell([reading(700)]);
  one.clock.time = 702;
  one.clock.pause = 5;
  one.agent.tell([reading(702)]);
  one.clock.pause = 0;
  one.clock.time = 800;
  await one.agent.cycle(period, one.stop.signal);
  one.clock.time = 801;
  one.clock.pause = 5;
  one.agent.tell([reading(801)]);
  expect(one.written.map(({ time }) => time - ahead)).toEqual([700, 700, 800]);
});

test('a pause of the process between the looks at the two clocks makes no time wrong, but where each look has one', async () => {
  const unit = unitOf('a', () => {
    one.clock.time += 30;
    return [reading(one.clock.time)];
  });
  const one = agentOf([unit], () => nothing);
  one.clock.time = 5000;
  one.clock.pause = 20;
  one.clock.pauses = 2;
  await one.agent.cycle(period, one.stop.signal);
  expect(one.reports).toMatchObject([{ time: 5040 + ahead, durationMilliseconds: 30 }]);
  one.clock.pauses = Infinity;
  await one.agent.cycle(period, one.stop.signal);
  // It gives up: the time of the fifth look is too early by the pause after it, and not of the future.
  expect(one.reports[1]).toMatchObject({ time: 5150 + ahead, durationMilliseconds: 30 });
  expect(one.clock.time).toBe(5070 + 5 * 20 + 30);
});

test('a clock that was set back takes what is told with it', () => {
  const one = agentOf([], () => nothing);
  one.clock.time = 5000;
  one.agent.tell([reading(5000)]);
  one.clock.ahead -= 4000;
  one.clock.time = 5010;
  one.agent.tell([reading(5010)]);
  expect(one.written.map(({ time }) => time - ahead)).toEqual([5000, 1010]);
});

test('what is told does not wait for the next cycle when it is much: only the queue that it goes to is bounded', async () => {
  const one = agentOf([], () => nothing);
  for (let time = 0; time < 1200; time += 1) one.agent.tell([reading(time)]);
  expect(one.flushes).toEqual([500, 1000]);
  await one.agent.cycle(period, one.stop.signal);
  expect(one.flushes).toEqual([500, 1000, 1200]);
  one.agent.tell([reading(1300)]);
  expect(one.flushes).toHaveLength(3);
});

test('what is told after the last cycle goes on its way at the end, under its own time', async () => {
  const one = agentOf([], (time) => {
    if (time === 1500) one.agent.tell([reading(1490)]);
    return nothing;
  });
  one.clock.time = 500;
  one.clock.stopAt = 1750;
  await one.agent.run({ period, phase: 0 }, one.stop.signal);
  expect(one.reports.map(({ time }) => time - ahead)).toEqual([1000]);
  expect(one.written.map(({ time }) => time - ahead)).toEqual([1490]);
  expect(one.flushes.at(-1)).toBe(1);
});

test('of pods that are written together it is added up at the end', async () => {
  const tags = { namespace: 'shop', pod: all };
  const kills = (count: number, at: number): Reading => ({
    series: { measurement: 'k8s_pod', tags },
    values: valuesOf('k8s_pod', { memory_oom_kills: count }),
    at,
  });
  const one = agentOf([], (time) => {
    if (time === 1250) one.agent.tell([kills(1, time)]);
    if (time === 1500) one.agent.tell([kills(3, time)]);
    return nothing;
  });
  one.clock.time = 500;
  one.clock.stopAt = 1750;
  await one.agent.run({ period, phase: 0 }, one.stop.signal);
  const totals = one.written.map(({ measurement, values, time }) => [fieldsOf(measurement, values), time - ahead]);
  expect(totals).toEqual([[{ memory_oom_kills: 2 }, 1750]]);
  expect(one.flushes.at(-1)).toBe(1);
});

test('what others told since the last cycle is read once more at the end, and nothing else is', async () => {
  const reads: string[] = [];
  const unit = (owner: string): Unit =>
    unitOf(owner, () => {
      reads.push(`${owner} ${one.clock.time}`);
      return [reading(one.clock.time)];
    });
  const one = agentOf([unit('pod'), { ...unit('state'), readAtEnd: true }]);
  one.clock.time = 500;
  one.clock.stopAt = 1750;
  await one.agent.run({ period, phase: 0 }, one.stop.signal);
  expect(reads).toEqual(['pod 1000', 'state 1000', 'state 1750']);
  expect(one.written.map(({ time }) => time - ahead)).toEqual([1000, 1000, 1750]);
  expect(one.flushes.at(-1)).toBe(3);
});
