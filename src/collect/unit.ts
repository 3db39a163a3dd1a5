import type { Measurement } from '../metrics.ts';
import type { Tags } from '../model.ts';
import type { CgroupValues } from './collector.ts';

/** What one series had to say in one cycle. */
export interface Reading {
  readonly series: { readonly measurement: Measurement; readonly tags: Tags; readonly path?: string };
  readonly values: CgroupValues;
  /** Monotonic milliseconds at which it was read. */
  readonly at: number;
}

/** What is read in one go and forgotten in one go: a pod, or one of the host's slices. */
export interface Unit {
  /** What its problems are counted under: a pod's UID, or the path of a slice. */
  readonly owner: string;
  readonly containers: number;
  /** Reads all its series until `deadline` (monotonic milliseconds) passes. Never throws. */
  read(deadline: number): readonly Reading[];
  /** Closes every descriptor and lets go of all that is kept for it. */
  close(): void;
}
