import { difference } from '../host/count.ts';
import type { Count } from '../model.ts';

/** A counter at one moment. The inode is that of the file it was read from. */
export interface CounterReading {
  readonly usage: Count;
  /** Monotonic milliseconds. */
  readonly at: number;
  readonly inode: number | bigint | undefined;
}

export interface Rates {
  /**
   * The CPU used since the reading before under the same key, in nanocores, rounded. `undefined` on first sight, when the
   * counter fell, when the cgroup is another one under an old name, and when no time passed. The base moves on every call.
   */
  nanocores(key: string, reading: CounterReading): number | undefined;
  forget(key: string): void;
  /** Counters whose last value is kept. */
  readonly bases: number;
}

export function createRates(): Rates {
  const bases = new Map<string, CounterReading>();
  return {
    nanocores(key, reading) {
      const base = bases.get(key);
      bases.set(key, reading);
      if (base === undefined || base.inode !== reading.inode) return undefined;
      const milliseconds = reading.at - base.at;
      const nanoseconds = difference(reading.usage, base.usage);
      if (milliseconds <= 0 || nanoseconds < 0) return undefined;
      return Math.round((nanoseconds / milliseconds) * 1000);
    },
    forget(key) {
      bases.delete(key);
    },
    get bases() {
      return bases.size;
    },
  };
}
