import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { inBatches } from '../../../src/collect/batch.ts';

const options = { concurrency: 3, deadline: Infinity, signal: new AbortController().signal, now: () => 0 };

test('begins all batches in order, at most so many at once, and the items of one after each other', async () => {
  const begun: number[] = [];
  let running = 0;
  let most = 0;
  const items = Array.from({ length: 80 }, (_, i) => i);
  const left = await inBatches(
    items,
    async (item) => {
      begun.push(item);
      running += 1;
      most = Math.max(most, running);
      await setImmediate();
      running -= 1;
    },
    options,
  );
  expect({ left, begun: begun.toSorted((a, b) => a - b), most }).toEqual({ left: [], begun: items, most: 3 });
  for (const first of [0, 16, 32, 48, 64]) {
    const own = begun.filter((item) => item >= first && item < first + 16);
    expect(own).toEqual(items.slice(first, first + 16));
  }
  expect(begun.filter((item) => item % 16 === 0)).toEqual([0, 16, 32, 48, 64]);
});

test('after the deadline nothing is begun, and what was left out is told', async () => {
  let time = 0;
  const done: number[] = [];
  const left = await inBatches(
    [1, 2, 3, 4],
    (item) => {
      done.push(item);
      time += 10;
    },
    { ...options, now: () => time, deadline: 15 },
  );
  expect({ done, left }).toEqual({ done: [1, 2], left: [3, 4] });
});

test('after the abort nothing is begun', async () => {
  const left = await inBatches([1, 2], () => expect.fail('begun'), { ...options, signal: AbortSignal.abort() });
  expect(left).toEqual([1, 2]);
});

test('gives way to the event loop in a long cycle', async () => {
  let time = 0;
  let turns = 0;
  const others = new AbortController();
  const turning = (async () => {
    while (!others.signal.aborted) {
      await setImmediate();
      turns += 1;
    }
  })();
  await inBatches(Array.from({ length: 100 }), () => void (time += 5), { ...options, now: () => time });
  others.abort();
  await turning;
  expect(turns).toBeGreaterThan(10);
});
