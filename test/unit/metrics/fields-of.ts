import type { Measurement } from '../../../src/metrics/measurements.ts';
import { rowsOf } from '../../../src/metrics/table.ts';
import type { Fields, Values } from '../../../src/model.ts';

/** What is known of a point, by the names of its fields. */
export function fieldsOf(measurement: Measurement, values: Values): Fields {
  const rows = rowsOf(measurement);
  if (values.length !== rows.length) throw new Error(`${values.length} values of ${rows.length} rows of ${measurement}`);
  return Object.fromEntries(
    rows.flatMap(({ field }, index) => (values[index] === undefined ? [] : [[field, values[index]] as const])),
  );
}
