import { expect, test } from 'vitest';
import { parseLoadavg } from '../../../src/host/loadavg.ts';
import { parseText } from './parse-text.ts';
import { loadavg } from './proc-texts.ts';

test('three averages and the tasks', () => {
  expect(parseText(parseLoadavg, loadavg)).toEqual({
    value: { load1: 3.38, load5: 2.71, load15: 1.6, running: 2, tasks: 148 },
    malformed: [],
  });
  expect(parseText(parseLoadavg, '0.00 1024.05 0.29 1/1 1\n').value).toEqual({
    load1: 0,
    load5: 1024.05,
    load15: 0.29,
    running: 1,
    tasks: 1,
  });
});

test('an empty file says nothing', () => {
  expect(parseText(parseLoadavg, '')).toEqual({ value: undefined, malformed: [] });
});

test.each([
  '\n',
  '0.00 0.00 0.00 1/2 3',
  '0.00 0.00 0.00 1/2\n',
  '0.00 0.00 0.00 1 2\n',
  '0.00 0.00 0.00 /2 3\n',
  '0.00 0.00 0.00 1/ 3\n',
  '0.0 0.00 0.00 1/2 3\n',
  'x 0.00 0.00 1/2 3\n',
  '-1.00 0.00 0.00 1/2 3\n',
  '0.00 0.00 0.00 1/2 3 4\n',
  '0.00 0.00 0.00 1/2 3\n\n',
])('%j is reported', (text) => {
  expect(parseText(parseLoadavg, text)).toEqual({ value: undefined, malformed: [text] });
});
