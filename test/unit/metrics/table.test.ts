import { describe, expect, test } from 'vitest';
import { measurements } from '../../../src/metrics/measurements.ts';
import type { Measurement } from '../../../src/metrics/measurements.ts';
import type { Unit } from '../../../src/metrics/metric.ts';
import { metrics, rowsOf } from '../../../src/metrics/table.ts';
import type { TableRow } from '../../../src/metrics/table.ts';

const rows: readonly TableRow[] = metrics;
const names = Object.keys(measurements).filter((name): name is Measurement => name in measurements);

/** What a name of each unit ends with. Of the others the name says what is counted. */
const endings: Partial<Readonly<Record<Unit, string>>> = {
  nanoseconds: '_nanoseconds',
  microseconds: '_microseconds',
  milliseconds: '_milliseconds',
  seconds: '_seconds',
  nanocores: '_nanocores',
  bytes: '_bytes',
  percent: '_percent',
};
/** The start of a run is its name. */
const withoutEnding = ['run'];

function duplicatesOf(texts: readonly string[]): string[] {
  return texts.filter((text, index) => texts.indexOf(text) !== index);
}

describe.each(names)('%s', (measurement) => {
  const own = rowsOf(measurement);

  test('has fields, each once, in the order of the table', () => {
    expect(own.length).toBeGreaterThan(0);
    expect(duplicatesOf(own.map(({ field }) => field))).toEqual([]);
    expect(own).toEqual(rows.filter((row) => row.in.includes(measurement)));
  });

  test('has no field under the name of a tag, and each tag once', () => {
    const tags: readonly string[] = measurements[measurement].tags;
    expect(own.map(({ field }) => field).filter((field) => tags.includes(field))).toEqual([]);
    expect(duplicatesOf(tags)).toEqual([]);
    expect(tags).toEqual(expect.arrayContaining(['cluster', 'node']));
  });

  test.each(['v1', 'v2'] as const)('takes each value of a file of cgroup %s once', (version) => {
    expect(duplicatesOf(own.flatMap((row) => row[version] ?? []))).toEqual([]);
  });
});

test('no row says the same measurement twice, and none has an empty list', () => {
  expect(rows.filter((row) => row.in.length === 0 || new Set(row.in).size !== row.in.length)).toEqual([]);
});

/** The rows of which something is wrong, as people would look for them. */
function violations(wrong: (row: TableRow) => boolean): string[] {
  return rows.filter(wrong).map((row) => `${row.field} of ${row.in.join(', ')}`);
}

test('a field has one unit and one kind wherever it is written', () => {
  const sameName = (row: TableRow): readonly TableRow[] => rows.filter(({ field }) => field === row.field);
  expect(violations((row) => sameName(row).some(({ unit, kind }) => unit !== row.unit || kind !== row.kind))).toEqual([]);
});

test('each name is in snake case', () => {
  expect(violations(({ field }) => !/^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/.test(field))).toEqual([]);
});

test('each name ends with its unit, where that is one of time, size or share, and never with another', () => {
  const endingOf = (field: string): string | undefined => Object.values(endings).find((ending) => field.endsWith(ending));
  expect(violations(({ field, unit }) => endingOf(field) !== endings[unit] && !withoutEnding.includes(field))).toEqual([]);
  expect(violations(({ field, unit }) => /_share(?:_of_[a-z]+)?$/.test(field) !== (unit === 'share'))).toEqual([]);
});

test('each row comes from somewhere: files of a cgroup by name and key, all else in words', () => {
  const form = /^[a-z]+(?:\.(?:<size>|[a-z_]+))+(?: [A-Za-z][A-Za-z0-9_.]*)?$/;
  expect(violations(({ v1, v2, source }) => v1 === undefined && v2 === undefined && source === undefined)).toEqual([]);
  expect(violations(({ v1, v2 }) => [v1, v2].some((origin) => origin !== undefined && !form.test(origin)))).toEqual([]);
});

test('each row that needs a newer Linux than 4.19 says which', () => {
  const isNewer = (since: string): boolean => {
    const [, major, minor] = /^([4-9])\.([0-9]{1,2})$/.exec(since) ?? [];
    return major !== undefined && Number(major) * 100 + Number(minor) > 419;
  };
  expect(violations(({ since }) => since !== undefined && !isNewer(since))).toEqual([]);
});

test('each text fits in one cell of a table, and is no sentence', () => {
  const fits = (text: string): boolean => /^\S(?:.*\S)?$/.test(text) && !/[|\n\t]|  |\.$/.test(text) && text.length <= 160;
  expect(violations(({ help }) => !fits(help))).toEqual([]);
  expect(violations(({ source }) => source !== undefined && !fits(source))).toEqual([]);
});

test('what cannot be counted is a gauge', () => {
  const gaugesOnly: readonly Unit[] = ['nanocores', 'boolean', 'percent', 'share', 'load', 'text'];
  expect(violations(({ kind, unit }) => kind === 'counter' && gaugesOnly.includes(unit))).toEqual([]);
});
