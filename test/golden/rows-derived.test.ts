/**
 * What is worked out from other numbers, in each point of each case: from the fields beside it, which rows.test.ts holds against
 * the files, by the formulae of the kubelet; and requests, by what the specification says.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { derivedRows } from '../support/checked-rows.ts';
import { openGoldenCase } from '../support/golden-case.ts';
import type { ApiPod, GoldenCase } from '../support/golden-case.ts';
import type { Point, PointValue } from '../unit/write/parse-line.ts';

const folder = join(import.meta.dirname, 'cases');
const withCgroup = ['k8s_container', 'k8s_pod', 'k8s_system', 'k8s_node'];
/** It takes two cycles to know them. */
const rates = ['cpu_usage_nanocores', 'cpu_usage_share_of_limit', 'cpu_usage_share_of_request', 'cpu_cfs_throttled_share'];
const shareDigits = 4;

const cases = new Map<string, GoldenCase>(
  await Promise.all(readdirSync(folder).map(async (name) => [name, await openGoldenCase(join(folder, name))] as const)),
);

describe.each([...cases])('%s', (_, golden) => {
  const points = golden.points.filter(({ measurement }) => withCgroup.includes(measurement));

  test('the working set is usage less inactive file cache, and what is available is the limit less that', () => {
    for (const point of points) {
      const field = fieldsOf(point);
      const workingSet = less(field('memory_usage_bytes'), field('memory_inactive_file_bytes'));
      expect(point.fields['memory_working_set_bytes'], nameOf(point)).toBe(workingSet);
      if (point.measurement === 'k8s_node') continue;
      expect(point.fields['memory_available_bytes'], nameOf(point)).toBe(less(field('memory_limit_bytes'), workingSet));
    }
  });

  test('what is left of the working set has no active file cache, and of swap it is the limit less the use', () => {
    for (const point of points) {
      const field = fieldsOf(point);
      const isNode = point.measurement === 'k8s_node';
      const rest = isNode ? undefined : less(field('memory_working_set_bytes'), field('memory_active_file_bytes'));
      expect(point.fields['memory_without_file_cache_bytes'], nameOf(point)).toBe(rest);
      const swap = less(field('swap_limit_bytes'), field('swap_usage_bytes'));
      expect(point.fields['swap_available_bytes'], nameOf(point)).toBe(swap);
    }
  });

  test('its shares are those of the effective limit and of the request', () => {
    for (const point of points) {
      const field = fieldsOf(point);
      for (const [whole, part] of [
        ['memory_effective_limit_bytes', 'memory_working_set_share_of_limit'],
        ['memory_request_bytes', 'memory_working_set_share_of_request'],
      ] as const) {
        const share = shareOf(field('memory_working_set_bytes'), field(whole));
        expect(rounded(point.fields[part]), `${nameOf(point)} ${part}`).toBe(rounded(share));
      }
    }
  });

  test('the number of CPUs is the length of their list', () => {
    for (const { fields } of points) {
      const list = fields['cpuset_cpus'];
      expect(fields['cpuset_cpu_count']).toBe(typeof list === 'string' ? lengthOf(list) : undefined);
    }
  });

  test('requests are those of the specification', () => {
    for (const point of points.filter(({ measurement }) => measurement === 'k8s_container')) {
      const requests = requestsOf(golden.podOf(point), point.tags['container']);
      if (requests === undefined) continue;
      expect(point.fields['cpu_request_nanocores'], nameOf(point)).toBe(quantity(requests['cpu'], 1_000_000_000));
      expect(point.fields['memory_request_bytes'], nameOf(point)).toBe(quantity(requests['memory'], 1));
    }
  });

  test('what takes two readings is absent after one', () => {
    expect(points.flatMap(({ fields }) => rates.filter((field) => field in fields))).toEqual([]);
  });
});

test.each(derivedRows.flatMap(([field, measurements]) => measurements.map((name) => [name, field] as const)))(
  'a case has a value other than 0 of %s %s',
  (measurement, field) => {
    const points = [...cases.values()].flatMap((golden) => golden.points.filter((point) => point.measurement === measurement));
    expect(points.some(({ fields }) => Number(fields[field] ?? 0) !== 0)).toBe(true);
  },
);

function fieldsOf({ fields }: Point): (name: string) => bigint | undefined {
  return (name) => {
    const value = fields[name];
    return typeof value === 'bigint' ? value : undefined;
  };
}

function less(whole: bigint | undefined, part: bigint | undefined): bigint | undefined {
  if (whole === undefined || part === undefined) return undefined;
  return whole > part ? whole - part : 0n;
}

function shareOf(part: bigint | undefined, whole: bigint | undefined): number | undefined {
  return part === undefined || whole === undefined || whole === 0n ? undefined : Number(part) / Number(whole);
}

function rounded(value: PointValue | undefined): string | undefined {
  return typeof value === 'number' ? value.toFixed(shareDigits) : undefined;
}

/** `0-3,8` is five. */
function lengthOf(list: string): bigint {
  const ranges = list.split(',').map((range) => range.split('-').map(Number));
  return BigInt(ranges.reduce((sum, [first = 0, last = first]) => sum + last - first + 1, 0));
}

/** Those of a running container; of what is no pod of that name, or was resized, the cases tell by their points. */
function requestsOf(pod: ApiPod | undefined, name: string | undefined): Readonly<Record<string, string>> | undefined {
  const containers = [pod?.spec?.containers, pod?.spec?.initContainers].flatMap((list) => (Array.isArray(list) ? list : []));
  const container = containers.find((each) => each?.name === name);
  return container === undefined ? undefined : (container?.resources?.requests ?? {});
}

const factors: Readonly<Record<string, number>> = { m: 1e-3, Ki: 1024, Mi: 1024 ** 2, Gi: 1024 ** 3, k: 1e3, M: 1e6, G: 1e9 };

function quantity(text: string | undefined, unit: number): bigint | undefined {
  const [, number, suffix = ''] = /^([0-9.]+)([a-zA-Z]*)$/.exec(String(text)) ?? [];
  return number === undefined || text === undefined
    ? undefined
    : BigInt(Math.round(Number(number) * (factors[suffix] ?? 1) * unit));
}

function nameOf({ measurement, tags }: Point): string {
  return [measurement, ...Object.values(tags)].join(' ');
}
