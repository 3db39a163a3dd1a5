import { difference } from '../host/count.ts';
import type { Count } from '../model.ts';

/** The counters of CPU time at one moment. */
export interface CpuReading {
  readonly usageNanoseconds: Count;
  /** Of the quota; absent where none is enforced or known. */
  readonly periods: Count | undefined;
  readonly throttledPeriods: Count | undefined;
  /** Monotonic milliseconds. */
  readonly at: number;
  /** Of the file that it was read from. */
  readonly inode: number | undefined;
}

/** What happened between two readings; each absent where it cannot be told. */
export interface CpuRates {
  readonly nanocores?: number;
  /** Of the periods in between, those in which the quota ran out: 0 to 1. */
  readonly throttledShare?: number;
}

export interface Rates {
  /**
   * What happened since the reading before under the same key. Nothing on first sight, when the counter fell, when the
   * cgroup is another one under an old name, and when no time passed. Nothing either, and the base stays, where that reading was
   * as late as `since` (monotonic milliseconds): a rate was told under the time of this point already, and this would take its place.
   */
  cpu(key: string, reading: CpuReading, since?: number): CpuRates;
  forget(key: string): void;
  /** Counters whose last value is kept. */
  readonly bases: number;
}

const none: CpuRates = {};

/** Less (milliseconds) is no time: the kernel may count CPU time a tick late, which is up to 10 ms. */
const leastBetween = 20;

/** Written over at each reading: objects that live for one cycle only would become old, and make the heap grow for nothing. */
type Base = { -readonly [Name in keyof CpuReading]: CpuReading[Name] };

export function createRates(): Rates {
  const bases = new Map<string, Base>();
  return {
    cpu(key, reading, since = Infinity) {
      const base = bases.get(key);
      if (base === undefined) {
        bases.set(key, { ...reading });
        return none;
      }
      if (base.inode === reading.inode && (base.at >= since || isTooSoon(base, reading))) return none;
      const rates = ratesBetween(base, reading);
      base.usageNanoseconds = reading.usageNanoseconds;
      base.periods = reading.periods;
      base.throttledPeriods = reading.throttledPeriods;
      base.at = reading.at;
      base.inode = reading.inode;
      return rates;
    },
    forget(key) {
      bases.delete(key);
    },
    get bases() {
      return bases.size;
    },
  };
}

function isTooSoon(base: CpuReading, { at }: CpuReading): boolean {
  return at > base.at && at - base.at < leastBetween;
}

function ratesBetween(base: CpuReading, reading: CpuReading): CpuRates {
  if (base.inode !== reading.inode) return none;
  const milliseconds = reading.at - base.at;
  const nanoseconds = difference(reading.usageNanoseconds, base.usageNanoseconds);
  if (milliseconds <= 0 || nanoseconds < 0) return none;
  const nanocores = Math.round((nanoseconds / milliseconds) * 1000);
  const throttledShare = shareOf(
    growth(reading.throttledPeriods, base.throttledPeriods),
    growth(reading.periods, base.periods),
  );
  return throttledShare === undefined ? { nanocores } : { nanocores, throttledShare };
}

function growth(now: Count | undefined, before: Count | undefined): number | undefined {
  return now === undefined || before === undefined ? undefined : difference(now, before);
}

/** The kernel counts a period before it knows whether the quota lasts, and may be read in between: never above 1. */
function shareOf(part: number | undefined, whole: number | undefined): number | undefined {
  if (part === undefined || whole === undefined || part < 0 || whole <= 0) return undefined;
  return Math.min(1, part / whole);
}
