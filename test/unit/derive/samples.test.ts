import { expect, test } from 'vitest';
import type { Reading } from '../../../src/collect/reading.ts';
import { createRates } from '../../../src/derive/rates.ts';
import { toSamples } from '../../../src/derive/samples.ts';
import { valuesOf } from '../../../src/metrics/values.ts';
import type { Fields } from '../../../src/model.ts';
import { fieldsOf } from '../metrics/fields-of.ts';

const tags = { cluster: 'c', node: 'n', slice: '/' };
const cycle = { startedAt: 5000, time: 1_000_000 };

function reading(at: number, fields: Fields): Reading {
  return { series: { measurement: 'k8s_system', tags, key: '/' }, values: valuesOf('k8s_system', fields), at };
}

test('points of a cycle share its time', () => {
  const samples = toSamples([reading(5000, { pids: 1 }), reading(5250, { pids: 2 })], createRates(), cycle);
  expect(samples).toEqual([
    { measurement: 'k8s_system', tags, values: valuesOf('k8s_system', { pids: 1 }), time: 1_000_000 },
    { measurement: 'k8s_system', tags, values: valuesOf('k8s_system', { pids: 2 }), time: 1_000_000 },
  ]);
});

test('a point that was read much later has its own time', () => {
  const [sample] = toSamples([reading(5900.4, { pids: 1 })], createRates(), cycle);
  expect(sample?.time).toBe(1_000_900);
});

test('what is of another time than its cycle says so itself', () => {
  const [sample] = toSamples([{ ...reading(5900.4, { pids: 1 }), time: 999_000 }], createRates(), cycle);
  expect(sample?.time).toBe(999_000);
});

/** The fields of the second of two readings, each of a counter and of when it was read. */
function fieldsAfter(first: readonly [number, number], second: readonly [number, number], change: Partial<Reading> = {}) {
  const rates = createRates();
  const counter = ([usage, readAt]: readonly [number, number]): Reading => ({
    ...reading(readAt, { cpu_usage_core_nanoseconds: usage, cpu_limit_nanocores: 4_000_000_000 }),
    readAt,
    inode: 1,
  });
  toSamples([counter(first)], rates, { startedAt: 0, time: 1 });
  const [sample] = toSamples([{ ...counter(second), ...change }], rates, { startedAt: 1000, time: 2 });
  return fieldsOf('k8s_system', sample?.values ?? []);
}

test('the rate is of the moments at which the counter was read, not of the cycles', () => {
  expect(fieldsAfter([0, 0], [3_000_000_000, 1500])).toEqual({
    cpu_usage_core_nanoseconds: 3_000_000_000,
    cpu_usage_nanocores: 2_000_000_000,
    cpu_limit_nanocores: 4_000_000_000,
    cpu_usage_share_of_limit: 0.5,
  });
});

test('of two readings in one cycle the second takes no rate, so that the first keeps its own', () => {
  const counter = (usage: number, readAt: number): Reading => ({
    ...reading(readAt, { cpu_usage_core_nanoseconds: usage }),
    readAt,
    inode: 1,
  });
  const rates = createRates();
  toSamples([counter(0, 0)], rates, { startedAt: 0, time: 1 });
  const samples = toSamples([counter(1e9, 1010), counter(1e9, 1200)], rates, { startedAt: 1000, time: 2 });
  expect(samples.map(({ values, time }) => [time, fieldsOf('k8s_system', values)])).toEqual([
    [2, { cpu_usage_core_nanoseconds: 1e9, cpu_usage_nanocores: 990_099_010 }],
    [2, { cpu_usage_core_nanoseconds: 1e9 }],
  ]);
});

test('a cgroup made anew under its old name has no rate, nor a share of one', () => {
  expect(fieldsAfter([0, 0], [3_000_000_000, 1500], { inode: 2 })).toEqual({
    cpu_usage_core_nanoseconds: 3_000_000_000,
    cpu_limit_nanocores: 4_000_000_000,
  });
});

test('a counter that was not read now has no rate, and its base stays', () => {
  const rates = createRates();
  const without = reading(1000, { pids: 1 });
  toSamples([{ ...reading(0, { cpu_usage_core_nanoseconds: 0 }), readAt: 0, inode: 1 }], rates, cycle);
  const [sample] = toSamples([{ ...without, readAt: 0, inode: 1 }], rates, cycle);
  expect([fieldsOf('k8s_system', sample?.values ?? []), rates.bases]).toEqual([{ pids: 1 }, 1]);
});

test('a series without rates goes through as it was read', () => {
  const values = valuesOf('k8s_pod_io', { read_bytes: 1 });
  const [sample] = toSamples([{ series: { measurement: 'k8s_pod_io', tags }, values, at: 5000 }], createRates(), cycle);
  expect(sample).toEqual({
    measurement: 'k8s_pod_io',
    tags,
    values: valuesOf('k8s_pod_io', { read_bytes: 1 }),
    time: 1_000_000,
  });
});
