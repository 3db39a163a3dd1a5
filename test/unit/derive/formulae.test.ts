import { describe, expect, test } from 'vitest';
import { formulaeOf } from '../../../src/derive/formulae.ts';
import type { Measurement } from '../../../src/metrics/measurements.ts';
import { valuesOf } from '../../../src/metrics/values.ts';
import type { Fields } from '../../../src/model.ts';
import { expectedPoints } from '../../support/expected-points.ts';
import { fieldsOf } from '../metrics/fields-of.ts';

/** What is added to the fields. */
function derived(fields: Fields, measurement: Measurement = 'k8s_container'): Fields {
  const values = valuesOf(measurement, fields);
  formulaeOf(measurement).derive(values);
  const all = Object.entries(fieldsOf(measurement, values));
  return Object.fromEntries(all.filter(([field]) => !(field in fields)));
}

describe('the working set', () => {
  test('is usage less the inactive file cache', () => {
    expect(derived({ memory_usage_bytes: 100, memory_inactive_file_bytes: 30 })).toEqual({ memory_working_set_bytes: 70 });
  });

  test('is at least 0: the two are not read at one moment', () => {
    expect(derived({ memory_usage_bytes: 100, memory_inactive_file_bytes: 130 })).toEqual({ memory_working_set_bytes: 0 });
  });

  test('is exact at any size', () => {
    const fields = { memory_usage_bytes: 2n ** 62n + 3n, memory_inactive_file_bytes: 1 };
    expect(derived(fields)).toEqual({ memory_working_set_bytes: 2n ** 62n + 2n });
  });

  test('the usage of a node that has none of its own is what is anonymous and what is cached', () => {
    const parts = { memory_rss_bytes: 60, memory_cache_bytes: 40, memory_inactive_file_bytes: 30 };
    expect(derived(parts, 'k8s_node')).toEqual({ memory_usage_bytes: 100, memory_working_set_bytes: 70 });
    expect(derived({ ...parts, memory_usage_bytes: 110 }, 'k8s_node')).toEqual({ memory_working_set_bytes: 80 });
    expect(derived({ memory_cache_bytes: 40 }, 'k8s_node')).toEqual({});
    expect(derived(parts)).toEqual({});
  });

  test.each([{ memory_usage_bytes: 100 }, { memory_inactive_file_bytes: 30 }, {}])(
    'is absent where all that is known is %j',
    (fields) => {
      expect(
        derived({ ...fields, memory_limit_bytes: 200, memory_effective_limit_bytes: 200, memory_request_bytes: 50 }),
      ).toEqual({});
    },
  );

  test('of the node comes from what the node says', () => {
    expect(
      derived({ memory_usage_bytes: 100, memory_inactive_file_bytes: 30, memory_available_bytes: 900 }, 'k8s_node'),
    ).toEqual({
      memory_working_set_bytes: 70,
    });
  });
});

describe('against limits and requests', () => {
  const memory = { memory_usage_bytes: 100, memory_inactive_file_bytes: 20 };

  test('what is available is below the own limit, the share is of the lowest one', () => {
    expect(
      derived({ ...memory, memory_limit_bytes: 400, memory_effective_limit_bytes: 160, memory_request_bytes: 40 }),
    ).toEqual({
      memory_working_set_bytes: 80,
      memory_available_bytes: 320,
      memory_working_set_share_of_limit: 0.5,
      memory_working_set_share_of_request: 2,
    });
  });

  test('nothing is available above the limit', () => {
    expect(derived({ ...memory, memory_limit_bytes: 60 })).toEqual({ memory_working_set_bytes: 80, memory_available_bytes: 0 });
  });

  test('CPU is measured by its own limit and request', () => {
    const limited = { cpu_usage_nanocores: 150_000_000, cpu_limit_nanocores: 200_000_000 };
    for (const measurement of expectedPoints.shares.in) {
      const fields = { ...limited, cpu_request_nanocores: 100_000_000 };
      expect(derived(fields, measurement)).toEqual(expectedPoints.shares.fields);
    }
    expect(derived(limited, 'k8s_system')).toEqual(expectedPoints.sharesOfSystem.fields);
  });

  test('nothing is a share of 0', () => {
    const none = { cpu_usage_nanocores: 5, cpu_limit_nanocores: 0, cpu_request_nanocores: 0, memory_effective_limit_bytes: 0 };
    expect(derived({ ...none, ...memory, memory_request_bytes: 0 })).toEqual({ memory_working_set_bytes: 80 });
  });

  test('a use of 0 is a share of 0', () => {
    expect(derived({ cpu_usage_nanocores: 0, cpu_limit_nanocores: 10 })).toEqual({ cpu_usage_share_of_limit: 0 });
  });

  test('a slice of the host has no request', () => {
    expect(derived({ ...memory, memory_effective_limit_bytes: 160 }, 'k8s_system')).toEqual({
      memory_working_set_bytes: 80,
      memory_working_set_share_of_limit: 0.5,
    });
  });
});

describe('rates', () => {
  const { cpuReading, putRates } = formulaeOf('k8s_pod');

  test('are made of the counters of CPU time and of the quota', () => {
    const values = valuesOf('k8s_pod', {
      cpu_usage_core_nanoseconds: 2n ** 55n,
      cpu_cfs_periods: 10,
      cpu_cfs_throttled_periods: 4,
    });
    expect(cpuReading(values, 500, 7)).toEqual({
      usageNanoseconds: 2n ** 55n,
      periods: 10,
      throttledPeriods: 4,
      at: 500,
      inode: 7,
    });
  });

  test('are made of nothing where the CPU time is not known', () => {
    expect(cpuReading(valuesOf('k8s_pod', { cpu_cfs_periods: 10 }), 500, 7)).toBeUndefined();
  });

  test('are put in their places, and what cannot be told stays absent', () => {
    const values = valuesOf('k8s_pod', {});
    putRates(values, { nanocores: 5 });
    expect(fieldsOf('k8s_pod', values)).toEqual({ cpu_usage_nanocores: 5 });
    putRates(values, { nanocores: 6, throttledShare: 0 });
    expect(fieldsOf('k8s_pod', values)).toEqual({ cpu_usage_nanocores: 6, cpu_cfs_throttled_share: 0 });
  });

  test.each(expectedPoints.rates.in)('of %s are in their places', (measurement) => {
    const values = valuesOf(measurement, {});
    formulaeOf(measurement).putRates(values, { nanocores: 6, throttledShare: 0.25 });
    expect(fieldsOf(measurement, values)).toEqual(expectedPoints.rates.fields);
  });

  test('of the node have no quota', () => {
    const node = formulaeOf('k8s_node');
    const values = valuesOf('k8s_node', {});
    node.putRates(values, { nanocores: 6, throttledShare: 1 });
    expect(fieldsOf('k8s_node', values)).toEqual(expectedPoints.ratesOfNode.fields);
  });

  test('of the node are made of its CPU time', () => {
    const node = formulaeOf('k8s_node');
    const values = valuesOf('k8s_node', { cpu_usage_core_nanoseconds: 3 });
    expect(node.cpuReading(values, 1, undefined)).toMatchObject({ usageNanoseconds: 3, periods: undefined });
  });
});

describe('what is left', () => {
  test('of the working set without the file cache that was used lately is at least 0, and absent where one is', () => {
    const known = { memory_usage_bytes: 100, memory_inactive_file_bytes: 30 };
    expect(derived({ ...known, memory_active_file_bytes: 50 })).toMatchObject({ memory_without_file_cache_bytes: 20 });
    expect(derived({ ...known, memory_active_file_bytes: 80 })).toMatchObject({ memory_without_file_cache_bytes: 0 });
    expect(derived({ memory_usage_bytes: 100, memory_active_file_bytes: 80 })).toEqual({});
  });

  test('of swap is its limit less its use, at least 0, and absent where one is', () => {
    expect(derived({ swap_limit_bytes: 10, swap_usage_bytes: 4 })).toEqual({ swap_available_bytes: 6 });
    expect(derived({ swap_limit_bytes: 0, swap_usage_bytes: 4 })).toEqual({ swap_available_bytes: 0 });
    expect([derived({ swap_limit_bytes: 10 }), derived({ swap_usage_bytes: 4 })]).toEqual([{}, {}]);
  });
});
