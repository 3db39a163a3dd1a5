import { expect, test } from 'vitest';
import { nearest } from '../../../src/config/nearest.ts';

const known = ['--period', '--proc-root', '--cgroup-root', '--influx-url'];

test.each([
  ['--perod', '--period'],
  ['--PERIOD', '--period'],
  ['--proc-rot', '--proc-root'],
  ['--influxdb-url', '--influx-url'],
  ['-period', '--period'],
  ['--listen', undefined],
  ['', undefined],
  ['-'.repeat(65), undefined],
])('%j was meant to be %s', (name, meant) => {
  expect(nearest(name, known)).toBe(meant);
});
