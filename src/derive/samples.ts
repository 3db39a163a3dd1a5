import type { Reading } from '../collect/reading.ts';
import type { Measurement } from '../metrics/measurements.ts';
import type { Sample } from '../model.ts';
import { formulaeOf } from './formulae.ts';
import type { Formulae } from './formulae.ts';
import type { Rates } from './rates.ts';

/** A point read this much later than its cycle began (milliseconds) carries its own time instead of the cycle's. */
const toleratedLateness = 250;

export interface CycleTime {
  /** Monotonic milliseconds at which the cycle began. */
  readonly startedAt: number;
  /** The same moment as Unix time in milliseconds. */
  readonly time: number;
}

const formulaeByMeasurement = new Map<Measurement, Formulae>();

/**
 * Adds the rates, what is derived, and the times to what was read. All points of a cycle share one time, so that they can be
 * added up, unless the kernel was so slow that this would be wrong.
 */
export function toSamples(readings: readonly Reading[], rates: Rates, { startedAt, time }: CycleTime): Sample[] {
  const samples: Sample[] = [];
  for (const reading of readings) {
    const { series, values, at } = reading;
    if (series.key !== undefined) derive(reading, rates, startedAt);
    const lateness = Math.round(at - startedAt);
    samples.push({
      measurement: series.measurement,
      tags: series.tags,
      values,
      time: reading.time ?? (lateness > toleratedLateness ? time + lateness : time),
    });
  }
  return samples;
}

function derive({ series, values, readAt, inode }: Reading, rates: Rates, since: number): void {
  let formulae = formulaeByMeasurement.get(series.measurement);
  if (formulae === undefined) formulaeByMeasurement.set(series.measurement, (formulae = formulaeOf(series.measurement)));
  const reading = readAt === undefined ? undefined : formulae.cpuReading(values, readAt, inode);
  if (reading !== undefined && series.key !== undefined) formulae.putRates(values, rates.cpu(series.key, reading, since));
  formulae.derive(values);
}
