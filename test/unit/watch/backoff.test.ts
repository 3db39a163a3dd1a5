import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createBackoff } from '../../../src/watch/backoff.ts';
import { defaultLimits } from '../../../src/watch/reflector.ts';

test('the range doubles from 0.8 s to 15 s', () => {
  const backoff = createBackoff(
    () => 0,
    () => 1,
  );
  expect([1, 2, 3, 4, 5, 6, 7].map(() => backoff.next())).toEqual([800, 1600, 3200, 6400, 12_800, 15_000, 15_000]);
});

test('an attempt that gets no answer and the longest wait after it leave 3 of 30 seconds to connect and list', () => {
  const backoff = createBackoff(
    () => 0,
    () => 1,
  );
  const longest = Math.max(...Array.from({ length: 20 }, () => backoff.next()));
  expect(defaultLimits.answer + longest).toBeLessThanOrEqual(27_000);
});

test('jitter is over the whole range, but never nothing', () => {
  const backoff = createBackoff(
    () => 0,
    () => 0,
  );
  expect([backoff.next(), backoff.next(), backoff.next()]).toEqual([200, 200, 200]);
});

test('two minutes without a wait start the range afresh, less do not', () => {
  let time = 0;
  const backoff = createBackoff(
    () => time,
    () => 1,
  );
  backoff.next();
  backoff.next();
  time += 120_000;
  expect(backoff.next()).toBe(3200);
  time += 120_001;
  expect(backoff.next()).toBe(800);
});

test('whatever the chance, no wait is shorter than 0.2 s or longer than 15 s', () => {
  const chances = fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { minLength: 1 });
  fc.assert(
    fc.property(chances, (drawn) => {
      let next = 0;
      const backoff = createBackoff(
        () => 0,
        () => drawn[next++] ?? 0,
      );
      for (const _ of drawn) {
        const wait = backoff.next();
        expect(wait).toBeGreaterThanOrEqual(200);
        expect(wait).toBeLessThanOrEqual(15_000);
      }
    }),
  );
});
