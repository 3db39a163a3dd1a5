import { describe, expect, test } from 'vitest';
import { parseLimit, parseSingleValue } from '../../../src/host/single-value.ts';
import { parseText } from './parse-text.ts';

describe('parseSingleValue', () => {
  test('is the count', () => {
    expect(parseText(parseSingleValue, '2017054720\n')).toEqual({ value: 2017054720, malformed: [] });
    expect(parseText(parseSingleValue, '0\n')).toEqual({ value: 0, malformed: [] });
    expect(parseText(parseSingleValue, '9007199254740993\n')).toEqual({ value: 9007199254740993n, malformed: [] });
  });

  test('an empty file says nothing', () => {
    expect(parseText(parseSingleValue, '')).toEqual({ value: undefined, malformed: [] });
  });

  test.each(['12', '\n', 'max\n', '-1\n', '1\n2\n', '1 2\n', 'x\n', ' 1\n', '1 \n', '\0\n'])('%j is reported', (text) => {
    expect(parseText(parseSingleValue, text)).toEqual({ value: undefined, malformed: [text] });
  });
});

describe('parseLimit', () => {
  test.each([
    ['max\n', 'max'],
    ['-1\n', 'max'],
    ['9223372036854771712\n', 'max'],
    ['9223372036854759424\n', 'max'],
    ['9223372036854710272\n', 'max'],
    ['536870912\n', 536870912],
    ['0\n', 0],
  ])('%j is %s', (text, value) => {
    expect(parseText(parseLimit, text)).toEqual({ value, malformed: [] });
  });

  test.each(['max', 'maximum\n', '-1', '-2\n', '12', 'max\n\n'])('%j is reported', (text) => {
    expect(parseText(parseLimit, text)).toEqual({ value: undefined, malformed: [text] });
  });
});
