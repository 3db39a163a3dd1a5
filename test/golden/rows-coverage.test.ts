/** No row of the metric table is without a check by value: a new one makes this fail until some test expects a value of it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { metrics } from '../../src/metrics/table.ts';
import type { TableRow } from '../../src/metrics/table.ts';
import { derivedRows, isCheckedByValue, isToldBesideCgroup } from '../support/checked-rows.ts';
import { expectedPoints } from '../support/expected-points.ts';

const all: readonly TableRow[] = metrics;

test('each row that comes from no file of a cgroup has a value that a test expects, in each measurement', () => {
  const unchecked = all.flatMap((row) => {
    // rows.test.ts has a check for each row with an origin, of each version that it has one for.
    if (row.v1 !== undefined || row.v2 !== undefined) return [];
    const places = row.in.filter((measurement) => !isCheckedByValue(row, measurement) && !isToldBesideCgroup(row, measurement));
    return places.map((measurement) => `${measurement} ${row.field}`);
  });
  expect(unchecked).toEqual([]);
});

test.each(Object.entries(expectedPoints))('%s is what its test expects', (name, { test: path }) => {
  const text = readFileSync(join(import.meta.dirname, '..', path), 'utf8');
  expect(text).toContain(`expectedPoints.${name}`);
});

test('no value is expected that the table does not have in that measurement', () => {
  const places = [
    ...derivedRows,
    ...Object.values(expectedPoints).flatMap((point) => Object.keys(point.fields).map((field) => [field, point.in] as const)),
  ];
  const stale = places.flatMap(([field, measurements]) =>
    measurements.flatMap((name) =>
      all.some((row) => row.field === field && row.in.includes(name)) ? [] : [`${name} ${field}`],
    ),
  );
  expect(stale).toEqual([]);
});
