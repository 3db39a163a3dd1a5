/** How long to wait before the next request to the API server. */
export interface Backoff {
  /** Milliseconds to wait now. */
  next(): number;
}

const first = 800;
const factor = 2;
/** With the limit on an answer (connection.ts) below 30 s, so that a server that is back is found again within that time. */
const most = 15_000;
/** Jitter alone may come out as 0 many times running; this is what keeps a bad row from being a storm. */
const least = 200;
const quiet = 120_000;

/**
 * Full jitter over a range that doubles from 0.8 s to 15 s and starts afresh after two minutes in which nobody had to wait: the
 * range and the reset of client-go's reflector, its upper end lowered. `now` is in monotonic milliseconds, `random` in [0, 1).
 */
export function createBackoff(now: () => number, random: () => number): Backoff {
  let range = first;
  let last = now();
  return {
    next() {
      const time = now();
      if (time - last > quiet) range = first;
      last = time;
      const delay = least + random() * (range - least);
      range = Math.min(most, range * factor);
      return delay;
    },
  };
}
