import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRates } from '../../../src/derive/rates.ts';
import type { CpuReading } from '../../../src/derive/rates.ts';
import type { Count } from '../../../src/model.ts';

const second = 1000;
const core = 1_000_000_000;

function used(usageNanoseconds: Count, at: number, inode = 7): CpuReading {
  return { usageNanoseconds, periods: undefined, throttledPeriods: undefined, at, inode };
}

test('a rate is what was used between two reads, by the clock of the reads', () => {
  const rates = createRates();
  expect(rates.cpu('a', used(5 * core, 10 * second))).toEqual({});
  expect(rates.cpu('a', used(6 * core, 12 * second))).toEqual({ nanocores: core / 2 });
});

test('the base moves with every reading, also where there was no rate', () => {
  const rates = createRates();
  rates.cpu('a', used(5 * core, 10 * second));
  expect(rates.cpu('a', used(core, 11 * second))).toEqual({});
  expect(rates.cpu('a', used(2 * core, 12 * second))).toEqual({ nanocores: core });
});

test.each([
  ['the counter fell', used(4 * core, 11 * second)],
  ['no time passed', used(6 * core, 10 * second)],
  ['the clock went back', used(6 * core, 9 * second)],
  ['it is a new cgroup under an old name', used(6 * core, 11 * second, 8)],
])('no rate when %s', (_, reading) => {
  const rates = createRates();
  rates.cpu('a', { ...used(5 * core, 10 * second), periods: 1, throttledPeriods: 1 });
  expect(rates.cpu('a', { ...reading, periods: 2, throttledPeriods: 2 })).toEqual({});
});

test('where hardly any time passed there is no rate, and the next one is over all of the time since', () => {
  const rates = createRates();
  rates.cpu('a', used(5 * core, 10 * second));
  expect(rates.cpu('a', used(5 * core + 1e7, 10 * second + 19))).toEqual({});
  expect(rates.cpu('a', used(6 * core, 11 * second))).toEqual({ nanocores: core });
  expect(rates.cpu('a', used(6 * core, 11 * second + 20))).toEqual({ nanocores: 0 });
});

test('of two readings for one time the first has the rate, and the next time has one since that', () => {
  const rates = createRates();
  rates.cpu('a', used(0, 0), 0);
  expect(rates.cpu('a', used(core, second), second)).toEqual({ nanocores: core });
  expect(rates.cpu('a', used(core, second + 200), second)).toEqual({});
  expect(rates.cpu('a', used(2 * core, 2 * second), 2 * second)).toEqual({ nanocores: core });
  expect(rates.cpu('a', used(core, 2 * second + 30, 8), 2 * second)).toEqual({});
  expect(rates.cpu('a', used(2 * core, 3 * second + 30, 8), 3 * second)).toEqual({ nanocores: core });
});

test('no rate on first sight after it was forgotten, and nothing is kept', () => {
  const rates = createRates();
  rates.cpu('a', used(5 * core, 10 * second));
  rates.cpu('b', used(5 * core, 10 * second));
  rates.forget('a');
  expect(rates.bases).toBe(1);
  expect(rates.cpu('a', used(6 * core, 11 * second))).toEqual({});
});

test('an idle cgroup has a rate of 0, which is not the same as none', () => {
  const rates = createRates();
  rates.cpu('a', used(5, 0));
  expect(rates.cpu('a', used(5, second))).toEqual({ nanocores: 0 });
});

test('counters beyond 2^53 lose nothing of their difference', () => {
  const rates = createRates();
  rates.cpu('a', used(2n ** 60n + 1n, 0));
  expect(rates.cpu('a', used(2n ** 60n + 1001n, second))).toEqual({ nanocores: 1000 });
});

/** Periods, and those of them that were throttled. */
type Counters = readonly [periods: Count | undefined, throttled: Count | undefined];

describe('the share of the periods in which the quota ran out', () => {
  /** What is told of the second of two readings, a second apart. */
  function shareBetween(before: Counters, after: Counters) {
    const rates = createRates();
    rates.cpu('a', { ...used(0, 0), periods: before[0], throttledPeriods: before[1] });
    return rates.cpu('a', { ...used(0, second), periods: after[0], throttledPeriods: after[1] }).throttledShare;
  }

  test('is that of the periods since the last read, not since the start', () => {
    expect(shareBetween([1000, 900], [1010, 903])).toBe(0.3);
    expect(shareBetween([1000, 900], [1010, 900])).toBe(0);
    expect(shareBetween([2n ** 60n, 0], [2n ** 60n + 4n, 1])).toBe(0.25);
  });

  test.each([
    ['no period passed', [10, 5], [10, 5]],
    ['there was no quota before', [undefined, undefined], [10, 5]],
    ['there is no quota any more', [10, 5], [undefined, undefined]],
    ['one of the counters is not known', [10, undefined], [20, 7]],
    ['the periods fell, with a new quota', [10, 5], [2, 6]],
    ['the throttled periods fell', [10, 5], [12, 4]],
  ] as const)('is absent where %s', (_, before, after) => {
    expect(shareBetween(before, after)).toBeUndefined();
  });

  test('is never above 1, though the kernel may be read between its two counters', () => {
    expect(shareBetween([10, 5], [11, 7])).toBe(1);
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.integer({ min: 1 }), fc.nat(), (periods, throttled, more, moreThrottled) => {
        const share = shareBetween([periods, throttled], [periods + more, throttled + moreThrottled]);
        expect(share).toBe(moreThrottled < more ? moreThrottled / more : 1);
      }),
    );
  });
});
