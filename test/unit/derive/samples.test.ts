import { expect, test } from 'vitest';
import type { CgroupValues } from '../../../src/collect/collector.ts';
import type { Reading } from '../../../src/collect/unit.ts';
import { createRates } from '../../../src/derive/rates.ts';
import { toSamples } from '../../../src/derive/samples.ts';

const tags = { cluster: 'c', node: 'n', slice: '/' };

function reading(at: number, values: CgroupValues): Reading {
  return { series: { measurement: 'k8s_system', tags, path: '/' }, values, at };
}

test('points of a cycle share its time', () => {
  const samples = toSamples([reading(5000, { fields: { pids: 1 } }), reading(5250, { fields: { pids: 2 } })], createRates(), {
    startedAt: 5000,
    time: 1_000_000,
  });
  expect(samples).toEqual([
    { measurement: 'k8s_system', tags, fields: { pids: 1 }, time: 1_000_000 },
    { measurement: 'k8s_system', tags, fields: { pids: 2 }, time: 1_000_000 },
  ]);
});

test('a point that was read much later has its own time', () => {
  const [sample] = toSamples([reading(5900.4, { fields: { pids: 1 } })], createRates(), { startedAt: 5000, time: 1_000_000 });
  expect(sample?.time).toBe(1_000_900);
});

test('the rate is of the moments at which the counter was read, not of the cycles', () => {
  const rates = createRates();
  const counter = (usage: number, at: number): CgroupValues => ({ fields: {}, cpuCounter: { usage, at, inode: 1 } });
  toSamples([reading(0, counter(0, 0))], rates, { startedAt: 0, time: 1 });
  const [sample] = toSamples([reading(1500, counter(3_000_000_000, 1500))], rates, { startedAt: 1000, time: 2 });
  expect(sample?.fields.cpu_usage_nanocores).toBe(2_000_000_000);
});
