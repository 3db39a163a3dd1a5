import type { Measurement } from './measurements.ts';

/**
 * `share` is a part of one, `percent` one of a hundred, as the kernel prints pressure: both are floats, as `load` is. `text`
 * is a string, `boolean` true or false. All others are integers.
 */
export type Unit =
  | 'nanoseconds'
  | 'microseconds'
  | 'milliseconds'
  | 'seconds'
  | 'nanocores'
  | 'bytes'
  | 'count'
  | 'boolean'
  | 'percent'
  | 'share'
  | 'load'
  | 'text';

/** One row of the table: a field, where it is written and where it comes from. */
export interface Metric {
  readonly field: string;
  readonly in: readonly Measurement[];
  readonly unit: Unit;
  readonly kind: 'counter' | 'gauge';
  /** The file of a cgroup v1 that has it and, where that holds several values, the key in it; absent where v1 has none. */
  readonly v1?: string;
  /** The same for cgroup v2. */
  readonly v2?: string;
  /** Written every half minute only, though its file is read every cycle: it explains others, and no alarm is built on it. */
  readonly pace?: 'rare';
  /** Where it comes from when that is no file of a cgroup. */
  readonly source?: string;
  /** The first Linux that has it, where that is newer than 4.19. */
  readonly since?: string;
  readonly help: string;
}
