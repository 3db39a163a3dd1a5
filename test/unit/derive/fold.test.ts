import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createFold } from '../../../src/derive/fold.ts';
import type { Measurement } from '../../../src/metrics/measurements.ts';
import { indexesOf, rowsOf } from '../../../src/metrics/table.ts';
import { valuesOf } from '../../../src/metrics/values.ts';
import type { Fields, Sample, Tags } from '../../../src/model.ts';

const time = 1_700_000_000_000;
const folded = { namespace: 'shop', workload: 'web', pod: '*' };

function sampleOf(tags: Tags, fields: Fields, measurement: Measurement = 'k8s_pod'): Sample {
  return { measurement, tags, values: valuesOf(measurement, fields), time: time - 7 };
}

/** A fold of a run that has seen pods before, so that pods that come are new. */
function foldOf({ seen = true } = {}) {
  const clock = { value: 0 };
  const fold = createFold(() => clock.value);
  if (seen) fold.take([sampleOf({ pod: 'other' }, { pids: 1 })]);
  if (seen) fold.flush(time);
  return {
    clock,
    /** One cycle of these samples: what is written of them. */
    cycle(...samples: readonly Sample[]) {
      const own = fold.take(samples);
      return [...own, ...fold.flush(time)].map(({ measurement, tags, values, time: at }) => ({
        measurement,
        tags,
        at,
        fields: Object.fromEntries(
          rowsOf(measurement).flatMap(({ field }, slot) => (values[slot] === undefined ? [] : [[field, values[slot]]])),
        ),
      }));
    },
  };
}

test('samples under the own names of pods, and of the node, go through as they are', () => {
  const fold = createFold(() => 0);
  const samples = [sampleOf({ pod: 'web-0' }, { pids: 1 }), sampleOf({ node: 'n' }, { pids: 2 }, 'k8s_node')];
  const own = fold.take([...samples, sampleOf({ ...folded }, { pids: 3 })]);
  expect(own).toEqual(samples);
  expect(own[0]).toBe(samples[0]);
  expect(fold.flush(time)).toHaveLength(1);
  expect(fold.flush(time)).toEqual([]);
});

test('until all pods are known, one that comes is taken for one that was there: of that, only what comes later counts', () => {
  const state = { isStarting: true };
  const fold = createFold(
    () => 0,
    () => state.isStarting,
  );
  const slot = indexesOf('k8s_pod').cpu_usage_core_nanoseconds ?? -1;
  const tags = { ...folded };
  const cycle = (nanoseconds: number) => {
    fold.take([sampleOf({ pod: 'other' }, { pids: 1 }), sampleOf(tags, { cpu_usage_core_nanoseconds: nanoseconds })]);
    return fold.flush(time).map(({ values }) => values[slot]);
  };
  fold.take([sampleOf({ pod: 'other' }, { pids: 1 })]);
  fold.flush(time);
  expect([cycle(1000), cycle(1007)]).toEqual([[0], [7]]);
  state.isStarting = false;
  expect(cycle(1008)).toEqual([8]);
  fold.take([sampleOf({ ...folded }, { cpu_usage_core_nanoseconds: 50 })]);
  expect(fold.flush(time).map(({ values }) => values[slot])).toEqual([58]);
});

test('what can be added up is, and all else is absent', () => {
  const { cycle } = foldOf();
  const one = sampleOf(
    { ...folded },
    {
      cpu_usage_nanocores: 5,
      cpu_usage_core_nanoseconds: 2n ** 53n,
      cpu_usage_share_of_limit: 0.5,
      cpuset_cpus: '0-3',
      memory_usage_bytes: 4096,
    },
  );
  const two = sampleOf({ ...folded }, { cpu_usage_nanocores: 6, cpu_usage_core_nanoseconds: 1, pids: 0 });
  expect(cycle(one, two)).toEqual([
    {
      measurement: 'k8s_pod',
      tags: folded,
      at: time,
      fields: { cpu_usage_nanocores: 11, cpu_usage_core_nanoseconds: 2n ** 53n + 1n, memory_usage_bytes: 4096, pids: 0 },
    },
  ]);
});

test('one sample a series, measurement by measurement; states and volumes of folded pods are none', () => {
  const { cycle } = foldOf();
  const app = { ...folded, container: 'app' };
  const written = cycle(
    sampleOf({ ...folded }, { pids: 3 }),
    sampleOf({ ...app }, { pids: 1 }, 'k8s_container'),
    sampleOf({ ...app }, { pids: 2 }, 'k8s_container'),
    sampleOf({ ...folded, workload: 'db' }, { pids: 4 }),
    sampleOf({ ...folded }, { phase: 'Running' }, 'k8s_pod_info'),
    sampleOf({ ...app }, { ready: true, restarts: 1 }, 'k8s_container_info'),
    sampleOf({ ...folded, volume: 'kube-api-access-x2x9z' }, { used_bytes: 1 }, 'k8s_pod_volume'),
  );
  expect(written.map(({ measurement, tags, fields }) => [measurement, tags, fields])).toEqual([
    ['k8s_pod', folded, { pids: 3 }],
    ['k8s_container', app, { pids: 3 }],
    ['k8s_pod', { ...folded, workload: 'db' }, { pids: 4 }],
  ]);
});

test('gauges are of the pods that are there, counters of all that ever were', () => {
  const { cycle } = foldOf();
  const [one, two] = [{ ...folded }, { ...folded }];
  const at = (tags: Tags, value: number): Sample => sampleOf(tags, { pids: value, cpu_usage_core_nanoseconds: value });
  expect(cycle(at(one, 10), at(two, 5))[0]?.fields).toEqual({ pids: 15, cpu_usage_core_nanoseconds: 15 });
  expect(cycle(at(two, 6))[0]?.fields).toEqual({ pids: 6, cpu_usage_core_nanoseconds: 16 });
  expect(cycle(at({ ...folded }, 1))[0]?.fields).toEqual({ pids: 1, cpu_usage_core_nanoseconds: 17 });
});

test('a gauge that is read now and then counts with what was read last; a pod that could not be read does not count', () => {
  const { cycle } = foldOf();
  const [one, two] = [{ ...folded }, { ...folded }];
  cycle(sampleOf(one, { pids: 1, memory_peak_bytes: 100 }), sampleOf(two, { pids: 1 }));
  const second = cycle(sampleOf(one, { pids: 1 }), sampleOf(two, { pids: 1, memory_peak_bytes: 20 }));
  expect(second[0]?.fields).toEqual({ pids: 2, memory_peak_bytes: 120 });
  expect(cycle(sampleOf(one, {}), sampleOf(two, { pids: 1 }))[0]?.fields).toEqual({ pids: 1, memory_peak_bytes: 20 });
  expect(cycle(sampleOf(one, {}), sampleOf(two, {}))).toEqual([]);
});

test('what pods counted before the agent ran is not taken for their growth', () => {
  const { cycle } = foldOf({ seen: false });
  const old = { ...folded };
  const at = (tags: Tags, value: number): Sample => sampleOf(tags, { cpu_usage_core_nanoseconds: value });
  expect(cycle()).toEqual([]);
  expect(cycle(at(old, 1000))[0]?.fields).toEqual({ cpu_usage_core_nanoseconds: 0 });
  expect(cycle(at(old, 1010), at({ ...folded }, 5))[0]?.fields).toEqual({ cpu_usage_core_nanoseconds: 15 });
});

test('a folded series that was not written for a day begins anew', () => {
  const { cycle, clock } = foldOf();
  const at = (value: number): Sample => sampleOf({ ...folded }, { cpu_usage_core_nanoseconds: value });
  cycle(at(1000));
  clock.value = 23 * 3_600_000;
  expect(cycle(at(1))[0]?.fields).toEqual({ cpu_usage_core_nanoseconds: 1001 });
  clock.value = 48 * 3_600_000;
  cycle();
  expect(cycle(at(1))[0]?.fields).toEqual({ cpu_usage_core_nanoseconds: 1 });
});

/** A pod's counter, cycle by cycle: how much it grew, `undefined` where it was not read, negative where it began anew. */
const life = fc.record({
  from: fc.nat(5),
  growths: fc.array(fc.oneof(fc.bigInt({ min: -(2n ** 54n), max: 2n ** 54n }), fc.constant(undefined), fc.constant(0n)), {
    maxLength: 8,
  }),
});

test('a folded counter is the sum of what those of its pods grew, exactly, and never falls', () => {
  const slot = indexesOf('k8s_pod').cpu_usage_core_nanoseconds ?? -1;
  fc.assert(
    fc.property(fc.array(life, { maxLength: 6 }), (lives) => {
      const fold = createFold(() => 0);
      fold.take([sampleOf({ pod: 'other' }, { pids: 1 })]);
      fold.flush(time);
      const pods = lives.map((each) => ({ ...each, tags: { ...folded }, value: 0n }));
      let sum = 0n;
      let before = 0n;
      for (let cycle = 0; cycle < 14; cycle += 1) {
        const samples = pods.flatMap((pod) => {
          const growth = pod.growths[cycle - pod.from];
          if (growth === undefined) return [];
          // One that began anew counted so much since.
          pod.value = growth < 0n ? -growth % (pod.value + 1n) : pod.value + growth;
          return [{ pod, growth }];
        });
        const values = samples.map(({ pod: { value } }) => (value <= Number.MAX_SAFE_INTEGER ? Number(value) : value));
        const known = samples.map(({ pod }) => pod);
        const taken = values.map((value, i) => sampleOf(known[i]?.tags ?? {}, { cpu_usage_core_nanoseconds: value }));
        sum += grownBy(known);
        fold.take(taken);
        const total = fold.flush(time)[0]?.values[slot];
        expect(total === undefined).toBe(taken.length === 0);
        if (total === undefined) continue;
        expect(BigInt(String(total))).toBe(sum);
        expect(sum >= before).toBe(true);
        before = sum;
      }
    }),
    { numRuns: 300 },
  );
});

const lastOf = new WeakMap<object, bigint>();

/** By the rule itself: the difference, or all of it where it is less than before. */
function grownBy(pods: readonly { readonly value: bigint }[]): bigint {
  let grown = 0n;
  for (const pod of pods) {
    const last = lastOf.get(pod) ?? 0n;
    grown += pod.value < last ? pod.value : pod.value - last;
    lastOf.set(pod, pod.value);
  }
  return grown;
}
