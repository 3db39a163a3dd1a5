/** No row of the metric table is without a check: a new one makes this fail until it is known who checks it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { metrics } from '../../src/metrics/table.ts';
import type { TableRow } from '../../src/metrics/table.ts';
import { checkedElsewhere, isToldBesideCgroup } from '../support/checked-rows.ts';

const all: readonly TableRow[] = metrics;

test('each row that comes from no file of a cgroup is checked by a test that is known, in each measurement', () => {
  const unchecked = all.flatMap((row) => {
    // rows.test.ts has a check for each row with an origin, of each version that it has one for.
    if (row.v1 !== undefined || row.v2 !== undefined) return [];
    const places = row.in.filter((measurement) => {
      const isListed = checkedElsewhere.some((list) => list.in.includes(measurement) && list.fields.includes(row.field));
      return !isListed && !isToldBesideCgroup(row, measurement);
    });
    return places.map((measurement) => `${measurement} ${row.field}`);
  });
  expect(unchecked).toEqual([]);
});

test.each(checkedElsewhere)('$test names the fields that it is said to check', ({ test: path, fields }) => {
  const text = readFileSync(join(import.meta.dirname, '..', path), 'utf8');
  const words = new Set(text.match(/\w+/g));
  expect(fields.filter((field) => !words.has(field))).toEqual([]);
});

test('the list has no field that the table does not have in those measurements', () => {
  const stale = checkedElsewhere.flatMap((list) =>
    list.fields.filter((field) => !all.some((row) => row.field === field && row.in.some((name) => list.in.includes(name)))),
  );
  expect(stale).toEqual([]);
});
