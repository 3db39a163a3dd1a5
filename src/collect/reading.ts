import type { Measurement } from '../metrics/measurements.ts';
import type { Tags, Values } from '../model.ts';

/** What the points of one place are written as. */
export interface Series {
  readonly measurement: Measurement;
  readonly tags: Tags;
  /** What the bases of its rates are kept under; absent where there are none. */
  readonly key?: string;
}

/** What one series had to say in one cycle. */
export interface Reading {
  readonly series: Series;
  readonly values: Values;
  /** Monotonic milliseconds at which it was read. */
  readonly at: number;
  /** The same of the counter that a rate is made of. */
  readonly readAt?: number | undefined;
  /** Tells a cgroup that was made again under its old name. */
  readonly inode?: number | undefined;
  /** Unix time in milliseconds that the values are of, where that is not the time of the cycle. */
  readonly time?: number;
}
