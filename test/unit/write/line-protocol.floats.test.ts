import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rowsOf } from '../../../src/metrics/table.ts';
import { valuesOf } from '../../../src/metrics/values.ts';
import type { Fields } from '../../../src/model.ts';
import { createEncoder } from '../../../src/write/line-protocol.ts';
import { cutLines, parseLine } from './parse-line.ts';

const tags = { cluster: 'c', node: 'n' };

function encodeNode(fields: Fields): { readonly text: string; readonly skipped: number } {
  const encoder = createEncoder();
  encoder.add({ measurement: 'k8s_node', tags, values: valuesOf('k8s_node', fields), time: 1 });
  const text = encoder
    .take()
    .map(({ body }) => body.toString())
    .join('');
  return { text, skipped: encoder.skipped };
}

test.each([
  [0, '0'],
  [-0, '0'],
  [1, '1'],
  [0.5, '0.5'],
  [12.34, '12.34'],
  [0.01, '0.01'],
  [100, '100'],
  [0.1 + 0.2, '0.3'],
  [0.0001, '0.0001'],
  [0.1001, '0.1001'],
  [1e-9, '0'],
  [0.99995, '1'],
  [2 / 3, '0.6667'],
  [123_456_789.25, '123456789.25'],
  [900_000_000_000, '900000000000'],
])('the float %s is written as %s: digits and a point, never an exponent', (value, digits) => {
  expect(encodeNode({ load1: value })).toEqual({ text: `k8s_node,cluster=c,node=n load1=${digits} 1000000\n`, skipped: 0 });
});

test.each([Number.NaN, Infinity, -Infinity, -0.5, -1, 1e300, 2 ** 53, 3n, 'x', true])(
  'no float can be made of %s: it is left out and counted, and the others stay',
  (value) => {
    const rest = 'k8s_node,cluster=c,node=n load5=0.25 1000000\n';
    expect(encodeNode({ load1: value, load5: 0.25 })).toEqual({ text: rest, skipped: 1 });
  },
);

test('each float is read back as the float that it was, to four digits', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1e9, noNaN: true }), (value) => {
      const [point] = cutLines(encodeNode({ load1: value, load5: 1 }).text).map(parseLine);
      expect(point?.fields).toEqual({ load1: Math.round(value * 10_000) / 10_000, load5: 1 });
    }),
    { numRuns: 2000 },
  );
});

test('whatever two decimals the kernel prints come through unchanged', () => {
  fc.assert(
    fc.property(fc.nat(), (hundredths) => {
      const [point] = cutLines(encodeNode({ load1: hundredths / 100 }).text).map(parseLine);
      expect(point?.fields['load1']).toBe(hundredths / 100);
    }),
  );
});

describe('the type of a field never changes', () => {
  test('a share that happens to be whole is a float still, a count an integer', () => {
    const { text } = encodeNode({ load1: 2, cpu_pressure_some_avg10_percent: 0, tasks: 2 });
    expect(text).toContain('cpu_pressure_some_avg10_percent=0,');
    expect(text).toContain('load1=2,');
    expect(text).toContain('tasks=2i ');
  });

  test('a count that is none is left out', () => {
    expect(encodeNode({ tasks: 0.5, load1: 1 })).toEqual({ text: 'k8s_node,cluster=c,node=n load1=1 1000000\n', skipped: 1 });
  });

  test.each(['k8s_container', 'k8s_node', 'k8s_pod'] as const)(
    'of all fields of %s the floats are shares, percents and loads',
    (measurement) => {
      const encoder = createEncoder();
      const rows = rowsOf(measurement);
      encoder.add({ measurement, tags, values: rows.map(() => 1), time: 1 });
      const [point] = cutLines(encoder.take()[0]?.body.toString() ?? '').map(parseLine);
      const floats = Object.entries(point?.fields ?? {}).flatMap(([field, value]) =>
        typeof value === 'number' ? [field] : [],
      );
      expect(Object.keys(point?.fields ?? {})).toEqual(rows.map(({ field }) => field));
      expect(floats).toEqual(rows.flatMap(({ field, unit }) => (['share', 'percent', 'load'].includes(unit) ? [field] : [])));
    },
  );
});
