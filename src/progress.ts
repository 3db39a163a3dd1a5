/** How the cycles go, counted in one place: for the heartbeat, for /metrics and for whoever asks whether the agent is alive. */

/** How often something took how long; in seconds. */
export interface Distribution {
  readonly count: number;
  readonly sum: number;
  /** Of a histogram: how many took no longer than each bound, in rising order. The last bound is infinite. */
  readonly buckets?: readonly { readonly bound: number; readonly count: number }[];
}

export interface Progress {
  /** Begun and ended. */
  readonly cycles: number;
  /** Pods that deadlines left out or cut short. */
  readonly late: number;
  /** Cycles that did not run because the one before had not ended. */
  readonly skipped: number;
  /** When a cycle last began or ended, or this was made: monotonic milliseconds. */
  readonly movedAt: number;
  readonly durations: Distribution;
  /** How much later than asked for the event loop came back from the waits between cycles. */
  readonly lag: Distribution;
  begin(): void;
  /** `late`: pods that this cycle left out or cut short. */
  end(milliseconds: number, late: number): void;
  /** Cycles that did not run. */
  leaveOut(cycles: number): void;
  /** A wait that was over `milliseconds` too late. */
  waited(milliseconds: number): void;
}

/** From a few pods to a node so sick that a single read takes seconds. */
const bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, Infinity] as const;

/** `now` in monotonic milliseconds. */
export function createProgress(now: () => number): Progress {
  const counts = { cycles: 0, late: 0, skipped: 0, movedAt: now() };
  const buckets = bounds.map((bound) => ({ bound, count: 0 }));
  const durations = { count: 0, sum: 0, buckets };
  const lag = { count: 0, sum: 0 };
  return {
    get cycles() {
      return counts.cycles;
    },
    get late() {
      return counts.late;
    },
    get skipped() {
      return counts.skipped;
    },
    get movedAt() {
      return counts.movedAt;
    },
    durations,
    lag,
    begin() {
      counts.movedAt = now();
    },
    end(milliseconds, late) {
      counts.movedAt = now();
      counts.cycles += 1;
      counts.late += late;
      const seconds = milliseconds / 1000;
      durations.count += 1;
      durations.sum += seconds;
      for (const bucket of buckets) if (seconds <= bucket.bound) bucket.count += 1;
    },
    leaveOut(cycles) {
      counts.skipped += cycles;
    },
    waited(milliseconds) {
      lag.count += 1;
      lag.sum += Math.max(0, milliseconds) / 1000;
    },
  };
}
