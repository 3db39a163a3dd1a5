import { expect, test } from 'vitest';
import { nanocores, parseCpuMax } from '../../../src/host/cpu-max.ts';
import { parseText } from './parse-text.ts';

test.each([
  ['max 100000\n', 'max'],
  ['50000 100000\n', 500_000_000],
  ['100000 30000\n', 3_333_333_333],
  ['200000 30000\n', 6_666_666_667],
  ['6400000 100000\n', 64_000_000_000],
  ['0 100000\n', 0],
])('%j is %s nanocores', (text, value) => {
  expect(parseText(parseCpuMax, text)).toEqual({ value, malformed: [] });
});

test('an empty file says nothing', () => {
  expect(parseText(parseCpuMax, '')).toEqual({ value: undefined, malformed: [] });
});

test.each([
  'max',
  'max\n',
  '\n',
  'max 100000',
  '50000 100000 1\n',
  '50000 0\n',
  '50000 max\n',
  '-1 100000\n',
  'maximum 100000\n',
  '1 2\n3 4\n',
])('%j is reported', (text) => {
  expect(parseText(parseCpuMax, text)).toEqual({ value: undefined, malformed: [text] });
});

test('quota and period of v1 give the same', () => {
  expect([nanocores(20_000, 100_000), nanocores('max', 100_000), nanocores(1, 0)]).toEqual([200_000_000, 'max', undefined]);
});

test('any size is exact, and the half is rounded up', () => {
  expect(nanocores(2n ** 63n - 1n, 100_000)).toBe((2n ** 63n - 1n) * 10_000n);
  expect(nanocores(1, 2_000_000_000)).toBe(1);
  expect(nanocores(1, 2_000_000_001)).toBe(0);
});
