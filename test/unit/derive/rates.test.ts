import { expect, test } from 'vitest';
import { createRates } from '../../../src/derive/rates.ts';

const second = 1000;
const core = 1_000_000_000;

test('a rate is what was used between two reads, by the clock of the reads', () => {
  const rates = createRates();
  expect(rates.nanocores('a', { usage: 5 * core, at: 10 * second, inode: 7 })).toBeUndefined();
  expect(rates.nanocores('a', { usage: 6 * core, at: 12 * second, inode: 7 })).toBe(core / 2);
});

test('the base moves on every call, also where there was no rate', () => {
  const rates = createRates();
  rates.nanocores('a', { usage: 5 * core, at: 10 * second, inode: 7 });
  expect(rates.nanocores('a', { usage: core, at: 11 * second, inode: 7 })).toBeUndefined();
  expect(rates.nanocores('a', { usage: 2 * core, at: 12 * second, inode: 7 })).toBe(core);
});

test.each([
  ['the counter fell', { usage: 4 * core, at: 11 * second, inode: 7 }],
  ['no time passed', { usage: 6 * core, at: 10 * second, inode: 7 }],
  ['the clock went back', { usage: 6 * core, at: 9 * second, inode: 7 }],
  ['it is a new cgroup under an old name', { usage: 6 * core, at: 11 * second, inode: 8 }],
])('no rate when %s', (_, reading) => {
  const rates = createRates();
  rates.nanocores('a', { usage: 5 * core, at: 10 * second, inode: 7 });
  expect(rates.nanocores('a', reading)).toBeUndefined();
});

test('no rate on first sight after it was forgotten, and nothing is kept', () => {
  const rates = createRates();
  rates.nanocores('a', { usage: 5 * core, at: 10 * second, inode: 7 });
  rates.nanocores('b', { usage: 5 * core, at: 10 * second, inode: 7 });
  rates.forget('a');
  expect(rates.bases).toBe(1);
  expect(rates.nanocores('a', { usage: 6 * core, at: 11 * second, inode: 7 })).toBeUndefined();
});

test('an idle cgroup has a rate of 0, which is not the same as none', () => {
  const rates = createRates();
  rates.nanocores('a', { usage: 5, at: 0, inode: 7 });
  expect(rates.nanocores('a', { usage: 5, at: second, inode: 7 })).toBe(0);
});

test('counters beyond 2^53 lose nothing of their difference', () => {
  const rates = createRates();
  rates.nanocores('a', { usage: 2n ** 60n + 1n, at: 0, inode: 7 });
  expect(rates.nanocores('a', { usage: 2n ** 60n + 1001n, at: second, inode: 7 })).toBe(1000);
});
