import type { Fields, Values } from '../model.ts';
import type { Measurement } from './measurements.ts';
import { rowsOf } from './table.ts';

/** Nothing known of a series yet. */
export function blankOf(measurement: Measurement): Values {
  return Array.from(rowsOf(measurement), () => undefined);
}

/** What is known by name, in the order of the rows. A field that is not of the measurement is left out. */
export function valuesOf(measurement: Measurement, fields: Fields): Values {
  return rowsOf(measurement).map(({ field }) => fields[field]);
}
