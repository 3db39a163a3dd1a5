import { expect, test } from 'vitest';
import { createPace } from '../../../src/file-systems/walk-pace.ts';

function paced(perSecond: number) {
  let time = 0;
  const sleeps: number[] = [];
  const sleep = (milliseconds: number): void => {
    sleeps.push(milliseconds);
    time += milliseconds;
  };
  return {
    pace: createPace({ perSecond, now: () => time, sleep }),
    sleeps,
    work: (milliseconds: number) => (time += milliseconds),
  };
}

test('a loop without rests of its own takes a second for as many steps as are allowed in one', () => {
  const { pace, sleeps } = paced(1_000);
  for (let round = 0; round < 20; round += 1) pace(50);
  // The first steps were made before anything was known of the time, and 20 ms were saved up.
  expect(sleeps).toEqual([30, ...Array.from({ length: 18 }, () => 50)]);
});

test('work that is slower than the rate is never made to sleep', () => {
  const { pace, sleeps, work } = paced(1_000);
  for (let round = 0; round < 20; round += 1) {
    work(60);
    pace(50);
  }
  expect(sleeps).toEqual([]);
});

test('a long pause is not followed by a burst', () => {
  const { pace, sleeps, work } = paced(1_000);
  pace(50);
  work(60_000);
  pace(50);
  pace(50);
  expect(sleeps).toEqual([30]);
});
