/**
 * Each row of the metric table that the kernel tells of outside of the cgroups, in each point of each case, against a reading
 * of that file that shares no code with the program.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { metrics, rowsOf } from '../../src/metrics/table.ts';
import type { TableRow } from '../../src/metrics/table.ts';
import { isToldBesideCgroup, measurementOf } from '../support/checked-rows.ts';
import { openGoldenCase } from '../support/golden-case.ts';
import type { GoldenCase } from '../support/golden-case.ts';
import { kernelValue } from '../support/kernel-values.ts';
import type { KernelValue } from '../support/kernel-values.ts';
import { nodeValue } from '../support/node-values.ts';
import type { Point } from '../unit/write/parse-line.ts';

const folder = join(import.meta.dirname, 'cases');
const cases = new Map<string, GoldenCase>(
  await Promise.all(readdirSync(folder).map(async (name) => [name, await openGoldenCase(join(folder, name))] as const)),
);
/** Where which process is the pod's, or what its files say, is what the case is about; they show it by their points. */
const ambiguous = ['malformed', 'hostile', 'interfaces', 'v2-no-hostpid'];
const all: readonly TableRow[] = metrics;

interface Checked {
  readonly row: TableRow;
  readonly point: Point;
  readonly expected: KernelValue | undefined;
}

function checksOf(golden: GoldenCase): Checked[] {
  return golden.points.flatMap((point) =>
    rowsOf(measurementOf(point)).flatMap((row) => {
      if (!isToldBesideCgroup(row, point.measurement)) return [];
      // A pod whose name is no name is written under another.
      if (point.tags['pod'] !== undefined && golden.podOf(point) === undefined) return [];
      return [{ row, point, expected: expectedOf(golden, row, point) }];
    }),
  );
}

/** The root cgroup is more exact, where it has the same. */
function expectedOf(golden: GoldenCase, row: TableRow, point: Point): KernelValue | undefined {
  const root = point.measurement === 'k8s_node' ? golden.cgroupOf(point) : undefined;
  const own = root && kernelValue(row, root);
  if (own !== undefined) return own;
  const { interface: name } = point.tags;
  const process = (file: string): string | undefined => golden.process(point, file);
  return nodeValue(row, { proc: golden.proc, process, ...(name !== undefined && { interface: name }) });
}

describe('each field is what the file of the node says, and absent where that says nothing', () => {
  test.for([...cases])('%s', ([name, golden]) => {
    const ofNodeOnly = ambiguous.some((topic) => name.endsWith(`-${topic}`));
    const own = checksOf(golden).filter(({ point }) => !(ofNodeOnly && 'pod' in point.tags));
    const wrong = own.filter(({ row, point, expected }) => point.fields[row.field] !== expected);
    expect(
      wrong.map(({ row, point, expected }) => {
        const series = [point.measurement, ...Object.values(point.tags)].join(' ');
        return `${series} ${row.field}: ${point.fields[row.field]}, not ${expected}`;
      }),
    ).toEqual([]);
  });
});

const checks = [...cases.values()].flatMap(checksOf);

describe('a case has a value that no other field of the point has', () => {
  const places = all.flatMap((row) =>
    row.in.filter((name) => isToldBesideCgroup(row, name)).map((measurement) => ({ row, measurement })),
  );
  test.each(places)('$measurement $row.field', ({ row, measurement }) => {
    const own = checks.filter((check) => check.row === row && check.point.measurement === measurement);
    expect(own.filter(isTelling)).not.toEqual([]);
  });
});

function isTelling({ point, expected }: Checked): boolean {
  if (expected === undefined || expected === 0n || expected === 0) return false;
  return Object.values(point.fields).filter((value) => value === expected).length === 1;
}
