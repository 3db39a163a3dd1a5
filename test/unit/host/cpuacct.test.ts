import { expect, test } from 'vitest';
import { parseCpuacctStat } from '../../../src/host/cpuacct.ts';
import { parseText } from './parse-text.ts';
import { cpuacctStat } from './texts.ts';

test('ticks of 10 ms become nanoseconds', () => {
  expect(parseText(parseCpuacctStat, cpuacctStat)).toEqual({
    value: { userNanoseconds: 42_110_000_000, systemNanoseconds: 10_070_000_000 },
    malformed: [],
  });
});

test('a malformed line costs only its own value', () => {
  expect(parseText(parseCpuacctStat, 'user ?\nsystem 3\n')).toEqual({
    value: { userNanoseconds: undefined, systemNanoseconds: 30_000_000 },
    malformed: ['user ?'],
  });
});
