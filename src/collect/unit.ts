import type { Reading } from './reading.ts';

/** What is read in one go and forgotten in one go: a pod, or one of the host's slices. */
export interface Unit {
  /** What its problems are counted under: a pod's UID, or the path of a slice. */
  readonly owner: string;
  readonly containers: number;
  /** What it reads was told by others since it was last read, and would not be told again: it is read once more at the end. */
  readonly readAtEnd?: true;
  /** Reads all its series until `deadline` (monotonic milliseconds) passes. Never throws. */
  read(deadline: number): readonly Reading[];
  /** Closes every descriptor and lets go of all that is kept for it. */
  close(): void;
}
