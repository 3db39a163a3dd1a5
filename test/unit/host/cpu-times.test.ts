import { expect, test } from 'vitest';
import { parseCpuTimes } from '../../../src/host/cpu-times.ts';
import { parseText } from './parse-text.ts';
import { stat } from './proc-texts.ts';

test('ticks of 10 ms become nanoseconds; CPUs are counted', () => {
  expect(parseText(parseCpuTimes, stat)).toEqual({
    value: {
      userNanoseconds: 7_652_150_000_000,
      niceNanoseconds: 662_490_000_000,
      systemNanoseconds: 3_335_620_000_000,
      idleNanoseconds: 14_285_000_000_000,
      iowaitNanoseconds: 127_390_000_000,
      irqNanoseconds: 30_000_000,
      softirqNanoseconds: 67_500_000_000,
      stealNanoseconds: 612_950_000_000,
      cpus: 2,
      bootTimeSeconds: 1795471448,
      contextSwitches: 73685016,
      forks: 275909,
      runningTasks: 2,
      blockedTasks: 5,
    },
    malformed: [],
  });
});

const row = '1 2 3 4 5 6 7 8';

test('CPUs that are offline have no row', () => {
  expect(parseText(parseCpuTimes, `cpu  ${row} 0 0\ncpu0 ${row}\ncpu7 ${row}\nbtime 1\n`).value.cpus).toBe(2);
});

test('how many CPUs there are is not known of a file that may have been cut among them', () => {
  expect(parseText(parseCpuTimes, `cpu  ${row}\ncpu0 ${row}\n`)).toEqual({
    value: expect.objectContaining({ cpus: undefined, stealNanoseconds: 80_000_000, bootTimeSeconds: undefined }),
    malformed: [],
  });
});

test.each(['', 'ctxt', ' ctxt 1', 'cpu1 1 2 3 4 5 6 7', `cpu1 x ${row}`, `cpufreq ${row}`, 'ctxt x'])(
  'the line %j is reported and costs itself, and the number of CPUs',
  (line) => {
    const { value, malformed } = parseText(parseCpuTimes, `cpu  ${row}\ncpu0 ${row}\n${line}\nbtime 3\n`);
    expect([value.cpus, value.userNanoseconds, value.contextSwitches, value.bootTimeSeconds, malformed]).toEqual([
      undefined,
      10_000_000,
      undefined,
      3,
      [line],
    ]);
  },
);
