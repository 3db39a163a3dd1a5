import { expect, test } from 'vitest';
import { integer, moment } from '../../../src/watch/json.ts';

test.each([
  ['2026-11-23T00:00:00Z', Date.UTC(2026, 10, 23)],
  ['2026-11-23T00:00:00.123456Z', Date.UTC(2026, 10, 23, 0, 0, 0, 123)],
  ['2026-11-23T02:00:00+02:00', Date.UTC(2026, 10, 23)],
  ['1970-01-01T00:00:00Z', undefined],
  ['0001-01-01T00:00:00Z', undefined],
  ['2026-13-23T00:00:00Z', undefined],
  ['2026-11-23', undefined],
  ['1', undefined],
  [1, undefined],
  [null, undefined],
])('the time %j', (value, expected) => {
  expect(moment(value)).toBe(expected);
});

test.each([
  [0, 0],
  [-1, -1],
  [1.5, undefined],
  [2 ** 53, undefined],
  ['1', undefined],
])('the whole number %j', (value, expected) => {
  expect(integer(value)).toBe(expected);
});
