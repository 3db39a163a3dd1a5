import { expect, test } from 'vitest';
import { parseCgroupProcs } from '../../../src/host/cgroup-procs.ts';
import { parseText } from './parse-text.ts';
import { cgroupProcs } from './texts.ts';

test('pids, and how many are outside the pid namespace', () => {
  expect(parseText(parseCgroupProcs, cgroupProcs)).toEqual({ value: { pids: [1, 4242, 32768], foreign: 2 }, malformed: [] });
});

test('a cgroup without processes', () => {
  expect(parseText(parseCgroupProcs, '')).toEqual({ value: { pids: [], foreign: 0 }, malformed: [] });
});

test('a malformed line is reported and costs only itself', () => {
  const bad = ['', 'x', '-1', '1 2', '18446744073709551615'];
  expect(parseText(parseCgroupProcs, `${bad.join('\n')}\n7\n12`)).toEqual({
    value: { pids: [7], foreign: 0 },
    malformed: [...bad, '12'],
  });
});
