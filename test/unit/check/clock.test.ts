import { expect, test } from 'vitest';
import { checkClock, clockKinds } from '../../../src/check/clock.ts';
import { createSeen } from './seen.ts';

const kinds = clockKinds('clock', 'the test');
const seen = createSeen({ ...kinds });
const noon = Date.parse('2026-11-26T12:00:00Z');
const at = (milliseconds: number) => new Date(noon + milliseconds).toUTCString();
const told = (date: string | undefined, sent: number, answered: number) =>
  seen.told(checkClock(kinds, date, noon + sent, noon + answered));

test('a few seconds are no difference, and whole seconds none at all', () => {
  expect(told(at(0), 0, 10)).toEqual(['agrees: agrees with the clock of this host']);
  expect(told(at(0), 999, 1001)).toEqual(['agrees: agrees with the clock of this host']);
  expect(told(at(0), 5900, 5950)).toEqual(['agrees: agrees with the clock of this host']);
});

test('a clock ahead and one behind, by more than a request can explain', () => {
  expect(told(at(0), 61_000, 61_010)).toEqual(['differs: this host is 60 s ahead']);
  expect(told(at(90_000), 0, 100)).toEqual(['differs: this host is 90 s behind']);
  // The answer was 9 s under way: when the server looked at its clock, nobody knows.
  expect(told(at(0), -9000, 4000)).toEqual(['agrees: agrees with the clock of this host']);
});

test('nothing is told where the server says no time', () => {
  expect(told(undefined, 0, 0)).toEqual([]);
  expect(told('yesterday', 0, 0)).toEqual([]);
});

test('each kind was seen', () => {
  expect(seen.unseen()).toEqual([]);
});
