import type { Measurement } from '../metrics/measurements.ts';
import { createSketch } from './sketch.ts';
import type { Sketch } from './sketch.ts';

/** How many series were written in the last 24 hours: what this node has live in the database, about. */
export interface SeriesCensus {
  /** Goes up by one an hour. Each series that is written is to be counted once in each. */
  readonly hour: number;
  /** `mark`: of the series' key, by `markOf`. */
  count(measurement: Measurement, mark: number): void;
  /** Moves on to the hour that it is now. */
  advance(): void;
  readonly byMeasurement: Iterable<readonly [measurement: Measurement, series: number]>;
  readonly total: number;
}

const hours = 24;
const millisecondsPerHour = 3_600_000;

/** `now` in monotonic milliseconds. */
export function createSeriesCensus(now: () => number): SeriesCensus {
  const startedAt = now();
  const sketches = new Map<Measurement, Sketch>();
  let hour = 0;
  return {
    get hour() {
      return hour;
    },
    count(measurement, mark) {
      let sketch = sketches.get(measurement);
      if (sketch === undefined) sketches.set(measurement, (sketch = createSketch(hours)));
      sketch.add(mark);
    },
    advance() {
      const current = Math.floor((now() - startedAt) / millisecondsPerHour);
      for (let step = Math.min(current - hour, hours); step > 0; step -= 1) {
        for (const sketch of sketches.values()) sketch.advance();
      }
      hour = current;
    },
    get byMeasurement() {
      return Array.from(sketches, ([measurement, { size }]) => [measurement, size] as const);
    },
    get total() {
      let total = 0;
      for (const { size } of sketches.values()) total += size;
      return total;
    },
  };
}
