const firstMs = 1000;
const mostMs = 30_000;
const leastMs = 100;
const mostAskedMs = 600_000;

/**
 * Milliseconds to wait after the `failures`th failure in a row, from 1: exponential with full jitter, so that the agents of
 * a cluster do not come back together. What the server asked for wins.
 */
export function backoff(failures: number, random: () => number, retryAfterMs?: number): number {
  if (retryAfterMs !== undefined) return Math.min(Math.max(retryAfterMs, leastMs), mostAskedMs);
  const bound = Math.min(mostMs, firstMs * 2 ** (failures - 1));
  return Math.max(leastMs, random() * bound);
}
