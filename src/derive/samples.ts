import type { Reading } from '../collect/unit.ts';
import type { Sample } from '../model.ts';
import type { Rates } from './rates.ts';

/** A point read this much later than its cycle began (milliseconds) carries its own time instead of the cycle's. */
const toleratedLateness = 250;

export interface CycleTime {
  /** Monotonic milliseconds at which the cycle began. */
  readonly startedAt: number;
  /** The same moment as Unix time in milliseconds. */
  readonly time: number;
}

/**
 * Adds the rates and the times to what was read. All points of a cycle share one time, so that they can be added up, unless
 * the kernel was so slow that this would be wrong.
 */
export function toSamples(readings: readonly Reading[], rates: Rates, { startedAt, time }: CycleTime): Sample[] {
  const samples: Sample[] = [];
  for (const { series, values, at } of readings) {
    if (series.path !== undefined && values.cpuCounter !== undefined) {
      const nanocores = rates.nanocores(series.path, values.cpuCounter);
      if (nanocores !== undefined) values.fields.cpu_usage_nanocores = nanocores;
    }
    const lateness = Math.round(at - startedAt);
    samples.push({
      measurement: series.measurement,
      tags: series.tags,
      fields: values.fields,
      time: lateness > toleratedLateness ? time + lateness : time,
    });
  }
  return samples;
}
