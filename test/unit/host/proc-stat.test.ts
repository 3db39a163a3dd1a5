import { expect, test } from 'vitest';
import { parseProcStat } from '../../../src/host/proc-stat.ts';
import { parseText } from './parse-text.ts';
import { procStat } from './texts.ts';

test('a name with spaces and parentheses', () => {
  expect(parseText(parseProcStat, procStat)).toEqual({
    value: { comm: 'a) b (c)', state: 'S', startTime: 184467 },
    malformed: [],
  });
});

test.each(['pause', '', ')', '(', ') Z 1 1', 'é', 'a\\n1 (b) S'])('the name %j comes through', (comm) => {
  const text = procStat.replace('a) b (c)', () => comm);
  expect(parseText(parseProcStat, text)).toEqual({ value: { comm, state: 'S', startTime: 184467 }, malformed: [] });
});

test('an empty file says nothing', () => {
  expect(parseText(parseProcStat, '')).toEqual({ value: undefined, malformed: [] });
});

test.each([
  procStat.trimEnd(),
  '1 pause S 1\n',
  '1 (pause\n',
  '1 pause)\n',
  '1 (pause) S 1 1\n',
  procStat.replace('184467', '-1'),
  '\n',
])('%j is reported', (text) => {
  expect(parseText(parseProcStat, text)).toEqual({ value: undefined, malformed: [text] });
});
