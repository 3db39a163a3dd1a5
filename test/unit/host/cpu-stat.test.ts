import { expect, test } from 'vitest';
import { parseCpuStatV1, parseCpuStatV2 } from '../../../src/host/cpu-stat.ts';
import { parseText } from './parse-text.ts';
import { cpuStatV1, cpuStatV2 } from './texts.ts';

test('v2: microseconds become nanoseconds, exact above 2^53', () => {
  expect(parseText(parseCpuStatV2, cpuStatV2)).toEqual({
    value: {
      usageNanoseconds: 9007199254741000n,
      userNanoseconds: 5_000_000_000,
      systemNanoseconds: 2_500_001_000,
      periods: 120,
      throttledPeriods: 7,
      throttledNanoseconds: 350_000_000,
    },
    malformed: [],
  });
});

test('v2 without the cpu controller: time, no throttling', () => {
  expect(parseText(parseCpuStatV2, 'usage_usec 3\nuser_usec 2\nsystem_usec 1\nnice_usec 0\n')).toEqual({
    value: {
      usageNanoseconds: 3000,
      userNanoseconds: 2000,
      systemNanoseconds: 1000,
      periods: undefined,
      throttledPeriods: undefined,
      throttledNanoseconds: undefined,
    },
    malformed: [],
  });
});

test('v1: throttling, whose time is in nanoseconds already', () => {
  expect(parseText(parseCpuStatV1, cpuStatV1)).toEqual({
    value: { periods: 120, throttledPeriods: 7, throttledNanoseconds: 350000123 },
    malformed: [],
  });
});
