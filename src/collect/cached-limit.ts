import { phaseOf } from '../grid.ts';
import type { KernelFile } from '../host/kernel-file.ts';
import { parseLimit } from '../host/single-value.ts';
import type { Count } from '../model.ts';

/** A limit that was changed, by a resize in place, is seen after at most this many milliseconds. */
const keptMilliseconds = 30_000;

export interface CachedLimitOptions {
  /** Monotonic milliseconds. */
  now(): number;
  /** Spreads the reads: limits with other seeds are read in other cycles, so that no cycle reads all of them. */
  readonly seed: string;
}

/** Reads a limit at the first call, and then now and then. `undefined` where there is no limit. */
export function cachedLimit(file: KernelFile | undefined, { now, seed }: CachedLimitOptions): () => Count | undefined {
  let limit: Count | undefined;
  let staleAt = -Infinity;
  let keepFor = phaseOf(seed, keptMilliseconds);
  return () => {
    if (file === undefined || now() < staleAt) return limit;
    const read = file.parse(parseLimit);
    limit = read === 'max' ? undefined : read;
    staleAt = now() + keepFor;
    keepFor = keptMilliseconds;
    return limit;
  };
}
