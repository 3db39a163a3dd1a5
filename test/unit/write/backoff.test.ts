import { expect, test } from 'vitest';
import { backoff } from '../../../src/write/backoff.ts';

test('doubles from 1 s to 30 s, of which chance takes a share', () => {
  const most = [1, 2, 3, 4, 5, 6, 7, 2000].map((failures) => backoff(failures, () => 1));
  expect(most).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  expect(backoff(3, () => 0.25)).toBe(1000);
});

test('never waits less than 100 ms', () => {
  expect(backoff(9, () => 0)).toBe(100);
  expect(backoff(1, () => 1, 0)).toBe(100);
});

test('waits as long as the server asks, at most ten minutes', () => {
  expect(backoff(1, () => 0.5, 60_000)).toBe(60_000);
  expect(backoff(1, () => 0.5, 86_400_000)).toBe(600_000);
});
