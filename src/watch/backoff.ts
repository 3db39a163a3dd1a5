/** How long to wait before the next request to the API server. */
export interface Backoff {
  /** Milliseconds to wait now. */
  next(): number;
}

/** In milliseconds. */
export interface BackoffRange {
  readonly first: number;
  readonly most: number;
  /** After this long without a wait it starts afresh; more than `most`. */
  readonly quiet: number;
}

/** With the limit on an answer (connection.ts) below 30 s, so that a server that is back is found again within that time. */
const watchRange: BackoffRange = { first: 800, most: 15_000, quiet: 120_000 };
const factor = 2;
/** Jitter alone may come out as 0 many times running; this is what keeps a bad row from being a storm. */
const least = 200;
const longestStartDelay = 30_000;

/**
 * Full jitter over a range that doubles and starts afresh after a time in which nobody had to wait. Without a range it is that of
 * client-go's reflector with its upper end lowered: 0.8 s to 15 s, and two minutes. `now` is in monotonic milliseconds, `random`
 * in [0, 1).
 */
export function createBackoff(now: () => number, random: () => number, range = watchRange): Backoff {
  const { first, most, quiet } = range;
  let reach = first;
  let last = now();
  return {
    next() {
      const time = now();
      if (time - last > quiet) reach = first;
      last = time;
      const delay = least + random() * (reach - least);
      reach = Math.min(most, reach * factor);
      return delay;
    },
  };
}

/** A random part of the period, so that the agents of a cluster that are rolled out together do not ask together. */
export function startDelay(period: number, random: () => number): number {
  return random() * Math.min(period, longestStartDelay);
}
