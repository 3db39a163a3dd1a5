import { expect, test } from 'vitest';
import { parseCpuList } from '../../../src/host/cpu-list.ts';
import { parseText } from './parse-text.ts';

test.each([
  ['0', 1],
  ['0-3', 4],
  ['0-3,8', 5],
  ['1,3,5-5,10-11', 5],
  ['0-8191', 8192],
  ['0-65535', 65_536],
])('%j is %i CPUs', (text, count) => {
  expect(parseText(parseCpuList, `${text}\n`)).toEqual({ value: { text, count }, malformed: [] });
});

test.each(['', '\n'])('a list without CPUs is absent: %j', (text) => {
  expect(parseText(parseCpuList, text)).toEqual({ value: undefined, malformed: [] });
});

test.each([
  '0-3',
  ',\n',
  '0,\n',
  ',0\n',
  '0-\n',
  '-3\n',
  '3-0\n',
  '0-3,3\n',
  '5,1\n',
  '0 1\n',
  '0-3:1/2\n',
  'all\n',
  '0\n1\n',
  '0-65536\n',
  '0-9223372036854775807\n',
])('%j is reported', (text) => {
  expect(parseText(parseCpuList, text)).toEqual({ value: undefined, malformed: [text] });
});
