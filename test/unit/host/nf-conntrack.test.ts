import { expect, test } from 'vitest';
import { parseNfConntrack } from '../../../src/host/nf-conntrack.ts';
import { parseText } from './parse-text.ts';
import { nfConntrack } from './proc-texts.ts';

const none = { entries: undefined, insertFailed: undefined, drop: undefined, earlyDrop: undefined };

test('the entries, which every CPU has alike, and sums over the CPUs', () => {
  expect(parseText(parseNfConntrack, nfConntrack)).toEqual({
    value: { entries: 419, insertFailed: 0xffffffff + 10, drop: 13, earlyDrop: 13 },
    malformed: [],
  });
});

test('columns are known by their names', () => {
  expect(parseText(parseNfConntrack, 'drop entries new\n0a 0b 0c\n')).toEqual({
    value: { ...none, entries: 11, drop: 10 },
    malformed: [],
  });
});

test.each(['', 'entries drop\n'])('without a row nothing is known: %j', (text) => {
  expect(parseText(parseNfConntrack, text)).toEqual({ value: none, malformed: [] });
});

test('rows without names are reported', () => {
  expect(parseText(parseNfConntrack, '0a 0b\n0a 0b\n')).toEqual({ value: none, malformed: ['0a 0b', '0a 0b'] });
});

test.each(['', '01', '01 02 03', '01 x', '01 000000001'])('after the row %j no sum is known', (row) => {
  expect(parseText(parseNfConntrack, `entries drop\n${row}\n05 01\n`)).toEqual({
    value: { ...none, entries: 5 },
    malformed: [row],
  });
});

test('nor is one where the last row was cut', () => {
  expect(parseText(parseNfConntrack, 'entries drop\n05 01\n05 02')).toEqual({
    value: { ...none, entries: 5 },
    malformed: ['05 02'],
  });
});
