/**
 * Each row of the metric table that names a file of a cgroup, in each point of each case, against a reading of that file that
 * shares no code with the program. A row that no case has a telling value of fails.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { metrics, rowsOf } from '../../src/metrics/table.ts';
import type { TableRow } from '../../src/metrics/table.ts';
import { measurementOf } from '../support/checked-rows.ts';
import { openGoldenCase } from '../support/golden-case.ts';
import type { GoldenCase } from '../support/golden-case.ts';
import { devicesIn, kernelValue, originOf, wordOf } from '../support/kernel-values.ts';
import type { Asked, KernelValue } from '../support/kernel-values.ts';
import type { Point } from '../unit/write/parse-line.ts';

const folder = join(import.meta.dirname, 'cases');
const cases = new Map<string, GoldenCase>(
  await Promise.all(readdirSync(folder).map(async (name) => [name, await openGoldenCase(join(folder, name))] as const)),
);
const versions = [1, 2] as const;
const all: readonly TableRow[] = metrics;

interface Checked {
  readonly row: TableRow;
  readonly asked: Asked;
  readonly point: Point;
  readonly expected: KernelValue | undefined;
}

/** Every row of every point that the files of its cgroup decide on. */
function checksOf(golden: GoldenCase): Checked[] {
  return golden.points.flatMap((point) => {
    const asked = golden.cgroupOf(point);
    if (asked === undefined) return [];
    return rowsOf(measurementOf(point)).flatMap((row) => {
      if (row.v1 === undefined && row.v2 === undefined) return [];
      const expected = kernelValue(row, asked);
      // Of the node much is told elsewhere too, and taken from there where its root cgroup says nothing.
      return point.measurement === 'k8s_node' && expected === undefined ? [] : [{ row, asked, point, expected }];
    });
  });
}

describe('each field is what the file of the cgroup says, and absent where that says nothing', () => {
  test.for([...cases])('%s', ([, golden]) => {
    const checks = checksOf(golden);
    const wrong = checks.filter(({ row, point, expected }) => point.fields[row.field] !== expected);
    expect(
      wrong.map(({ row, point, expected }) => `${nameOf(point)} ${row.field}: ${point.fields[row.field]}, not ${expected}`),
    ).toEqual([]);
    expect(checks.length).toBeGreaterThan(50);
  });
});

describe('each device and size of huge pages that a cgroup has numbers of has a point', () => {
  test.for([...cases])('%s', ([, golden]) => {
    for (const point of golden.points.filter(({ measurement }) => /^k8s_(?:pod|container)$/.test(measurement))) {
      const asked = golden.cgroupOf(point);
      if (asked === undefined) continue;
      const ofSame = (kind: string): Point[] =>
        golden.points.filter((each) => each.measurement === point.measurement + kind && isSameSeries(each, point));
      expect(
        ofSame('_io')
          .map(({ tags }) => golden.cgroupOf({ ...point, tags })?.device)
          .toSorted(),
      ).toEqual([...devicesIn(asked)].toSorted());
      expect(ofSame('_hugetlb').map(({ tags }) => tags['page_size'])).toEqual(
        ['1GB', '2MB'].filter((size) => isUsed(asked, size)),
      );
    }
  });
});

function isSameSeries(one: Point, other: Point): boolean {
  return Object.entries(other.tags).every(([key, value]) => one.tags[key] === value);
}

/** Of huge pages: whether any are used, or allowed by name. */
function isUsed(asked: Asked, pageSize: string): boolean {
  const [usage, limit] = ['usage_bytes', 'limit_bytes'].map((field) => {
    const row = rowsOf('k8s_pod_hugetlb').find((each) => each.field === field);
    return row && kernelValue(row, { ...asked, pageSize });
  });
  return limit === undefined ? usage !== undefined && usage !== 0n : limit !== 0n;
}

const checks = [...cases.values()].flatMap(checksOf);

describe.each(versions)('of cgroup v%s a case has a value that only the right file and key can give', (version) => {
  test.each(all.filter((row) => originOf(row, { version }) !== undefined))('$field of $in', (row) => {
    const own = checks.filter((check) => check.row === row && check.asked.version === version);
    const telling = own.filter(row.unit === 'boolean' ? ({ expected }) => expected === true : isTelling);
    expect(telling).not.toEqual([]);
    expect(new Set(own.map(({ expected }) => expected)).size).toBeGreaterThan(1);
  });
});

/** Not 0, and unlike any other value of the file, and any other that the point has from a file. */
function isTelling({ row, asked, point, expected }: Checked): boolean {
  const origin = originOf(row, asked);
  if (origin === undefined || expected === undefined || expected === 0n || expected === 0) return false;
  const [word] = wordOf(origin, asked)?.split(' ') ?? [];
  const words = asked.read(origin.file)?.split(/[\s=]+/) ?? [];
  const others = rowsOf(measurementOf(point)).filter((other) => other !== row && originOf(other, asked) !== undefined);
  return words.filter((each) => each === word).length === 1 && !others.some((other) => point.fields[other.field] === expected);
}

const exact = checks.flatMap(({ row, asked, expected }) =>
  row.kind === 'counter' && typeof expected === 'bigint' ? [{ field: row.field, version: asked.version, expected }] : [],
);

test.each(versions)('counters of v%s beyond what a float holds are among those, up to 2^63 - 1', (version) => {
  const large = exact.filter((each) => each.version === version && each.expected > 2n ** 53n);
  expect(large.filter(({ expected }) => BigInt(Number(expected)) !== expected).length).toBeGreaterThan(20);
  expect(large.map(({ expected }) => expected)).toContain(2n ** 63n - 1n);
});

test.each(versions)('each counter of v%s that counts in its own unit is seen beyond 2^53 in a case', (version) => {
  const large = new Set(exact.flatMap((each) => (each.version === version && each.expected > 2n ** 53n ? [each.field] : [])));
  const counters = all.filter((row) => row.kind === 'counter' && originOf(row, { version }) !== undefined);
  expect(counters.flatMap(({ field }) => (large.has(field) ? [] : [field]))).toEqual([]);
});

const pageKilobytes = [4n, 16n, 64n] as const;

test.each(pageKilobytes)('the number by which v1 says "no limit" with pages of %s KiB is absent', (kilobytes) => {
  const none = String(2n ** 63n - kilobytes * 1024n);
  const rows = checks.filter(({ row, asked }) => {
    const origin = originOf(row, asked);
    return asked.version === 1 && origin !== undefined && wordOf(origin, asked) === none;
  });
  expect(new Set(rows.map(({ row }) => row.field))).toContain('memory_limit_bytes');
  expect(rows.filter(({ row, point }) => row.field in point.fields)).toEqual([]);
});

test.each([
  ...['cpu_limit_nanocores', 'memory_limit_bytes', 'memory_high_bytes', 'swap_limit_bytes', 'pids_limit', 'limit_bytes'],
] as const)('where the kernel says "max", %s is absent', (field) => {
  const unlimited = checks.filter(({ row, asked }) => {
    const origin = originOf(row, asked);
    return row.field === field && origin !== undefined && asked.read(origin.file)?.startsWith('max') === true;
  });
  expect(unlimited).not.toEqual([]);
  expect(unlimited.filter(({ point }) => field in point.fields)).toEqual([]);
});

function nameOf({ measurement, tags }: Point): string {
  return [measurement, ...Object.values(tags)].join(' ');
}
