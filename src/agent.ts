import { inBatches } from './collect/batch.ts';
import type { Reading } from './collect/reading.ts';
import type { Tracker } from './collect/tracker.ts';
import type { Unit } from './collect/unit.ts';
import type { Fold } from './derive/fold.ts';
import type { Rates } from './derive/rates.ts';
import { toSamples } from './derive/samples.ts';
import type { CycleTime } from './derive/samples.ts';
import { nextOnGrid } from './grid.ts';
import type { Found, Source } from './locate/source.ts';
import type { Sample } from './model.ts';
import type { Progress } from './progress.ts';

/** Time, as the agent sees it. */
export interface Clock {
  /** Monotonic milliseconds: for deadlines and rates. */
  now(): number;
  /** Unix time in milliseconds: for points. */
  wall(): number;
  /** Resolves after `milliseconds`, or at once when the signal aborts. */
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
}

/** What one cycle did, for the heartbeat. */
export interface CycleReport {
  /** Unix time in milliseconds of its points. */
  readonly time: number;
  /** From 1. */
  readonly sequence: number;
  readonly points: number;
  readonly durationMilliseconds: number;
  /** Pods that the deadline left out or cut short, since the start. */
  readonly late: number;
  /** Cycles that did not run because another had not ended, since the start. */
  readonly skipped: number;
}

export interface AgentParts {
  readonly source: Source;
  readonly tracker: Tracker;
  readonly rates: Rates;
  /** Adds up what is not written under the names of its pods. */
  readonly fold: Fold;
  readonly clock: Clock;
  readonly progress: Progress;
  /** Units read at once. */
  readonly concurrency: number;
  /** What was held back and has its name now; absent where every pod has its name from the start. */
  named?(): readonly Sample[];
  /** Takes points; returns how many had something to say. */
  write(samples: readonly Sample[]): number;
  /** Sends on its way what was written. */
  flush(): void;
  heartbeat(report: CycleReport): readonly Sample[];
  /** A unit that threw, which none should: it costs that unit one cycle. */
  fault(unit: Unit, error: unknown): void;
}

/** Where on the clock the cycles are: all in milliseconds. */
export interface Grid {
  readonly period: number;
  readonly phase: number;
}

/** The share of its period that a cycle may take before it leaves out what it has not read yet. */
const deadlineShare = 0.8;

/** Between two cycles it looks this often for pods that came or went, so that none comes and goes unseen: a look costs microseconds. */
const lookMilliseconds = 250;

/** Between the looks at two clocks (milliseconds): two looks take microseconds. */
const longestPause = 1;
const mostLooks = 5;

/** Points that are told between two cycles and not sent on their way wait outside the queue and its bound: so many at most. */
const mostBetween = 500;

/** The pipeline: find, read, derive, write. One failing item costs that item. */
export function createAgent(parts: AgentParts) {
  const { source, tracker, rates, fold, clock, progress } = parts;
  let seen: Found | undefined;
  let leftOver: ReadonlySet<Unit> = new Set();
  /** Points written since the last heartbeat that are of no cycle. */
  let between = 0;
  /** Those of them that were not flushed. */
  let unflushed = 0;
  /** Of the cycle under way. */
  let current: CycleTime | undefined;
  /** The latest Unix time (milliseconds) that points were given, but for those that were late in their cycle. */
  let latest = -Infinity;

  /**
   * Now, on both clocks: looked at again where the process was paused between the looks, as long as that helps. In this order: what is
   * left of a pause makes the time of points too early, and never one of the future.
   */
  function bothClocks(): { readonly wall: number; readonly now: number } {
    for (let looks = 1; ; looks += 1) {
      const before = clock.now();
      const wall = clock.wall();
      const now = clock.now();
      if (now - before <= longestPause || looks === mostLooks) return { wall, now };
    }
  }

  /**
   * Of what was read at a moment of the monotonic clock that is in no cycle. Never before a time that was given already, unless the wall
   * clock was set back.
   */
  function ownTime(startedAt: number): CycleTime {
    const { wall, now } = bothClocks();
    const time = Math.round(wall - (now - startedAt));
    latest = latest <= wall ? Math.max(latest, time) : time;
    return { startedAt, time: latest };
  }

  function look(): void {
    const found = source.look();
    // What was held is older than what opening a pod's files may tell of at once.
    writeNamed();
    if (found !== seen) tracker.update(found.targets, found.slices);
    seen = found;
  }

  /** On its way at once: what was held back for long is a lot, and must not lie in memory a second time. */
  function writeNamed(): void {
    const samples = parts.named?.() ?? [];
    if (samples.length === 0) return;
    between += parts.write(samples);
    parts.flush();
  }

  /** Those that the last cycle left out come first, so that a slow node starves nobody. */
  function inOrder(): readonly Unit[] {
    if (leftOver.size === 0) return tracker.units;
    return [...tracker.units.filter((unit) => leftOver.has(unit)), ...tracker.units.filter((unit) => !leftOver.has(unit))];
  }

  /** Unit by unit all the way, so that what was read of one is garbage before the next is read. */
  function writeUnit(unit: Unit, deadline: number, time: CycleTime): number {
    try {
      return parts.write(fold.take(toSamples(unit.read(deadline), rates, time)));
    } catch (error) {
      parts.fault(unit, error);
      return 0;
    }
  }

  async function cycle(milliseconds: number, signal: AbortSignal): Promise<void> {
    const { wall, now: startedAt } = bothClocks();
    const time = Math.round(wall);
    const deadline = startedAt + milliseconds;
    current = { startedAt, time };
    latest = time;
    progress.begin();

    look();
    let points = 0;
    let cut = 0;
    const read = (unit: Unit): void => {
      points += writeUnit(unit, deadline, { startedAt, time });
      if (clock.now() > deadline) cut += 1;
    };
    const left = await inBatches(inOrder(), read, { concurrency: parts.concurrency, deadline, signal, now: clock.now });
    leftOver = new Set(left);
    points += parts.write(fold.flush(time));

    points += between;
    between = 0;
    const durationMilliseconds = clock.now() - startedAt;
    progress.end(durationMilliseconds, left.length + cut);
    const { cycles: sequence, late, skipped } = progress;
    parts.write(parts.heartbeat({ time, sequence, points, durationMilliseconds, late, skipped }));
    parts.flush();
    unflushed = 0;
    current = undefined;
  }

  /** What was told since the last cycle was to go on its way with the next one, and there is none. */
  function sendRest(): void {
    const { wall, now: startedAt } = bothClocks();
    const time = Math.round(wall);
    for (const unit of tracker.units) if (unit.readAtEnd === true) writeUnit(unit, Infinity, { startedAt, time });
    parts.write(fold.flush(time));
    parts.flush();
  }

  /** Waits for a moment of the monotonic clock. */
  async function waitUntil(dueAt: number, signal: AbortSignal): Promise<void> {
    for (;;) {
      const wakeAt = Math.min(clock.now() + lookMilliseconds, dueAt);
      await clock.wait(wakeAt - clock.now(), signal);
      if (signal.aborted) return;
      progress.waited(clock.now() - wakeAt);
      if (clock.now() >= dueAt) return;
      look();
    }
  }

  return {
    cycle,
    /**
     * Writes what was just read between two cycles, under the time of its own; in the midst of a cycle under that of the cycle,
     * which may still read the same. It goes on its way with the next cycle, or before it where it is much, or at the end of `run`.
     */
    tell(readings: readonly Reading[]): void {
      const startedAt = readings[0]?.at ?? clock.now();
      const points = parts.write(fold.takeBetween(toSamples(readings, rates, current ?? ownTime(startedAt))));
      between += points;
      unflushed += points;
      if (unflushed < mostBetween) return;
      unflushed = 0;
      parts.flush();
    },
    /**
     * Cycles on the grid until the signal aborts. The next one is planned when the last has ended, so none overlap. All that was
     * written is on its way when it resolves.
     */
    async run({ period, phase }: Grid, signal: AbortSignal): Promise<void> {
      let due = nextOnGrid(clock.wall(), period, phase);
      while (!signal.aborted) {
        const { wall: before, now } = bothClocks();
        const dueAt = now + due - before;
        await waitUntil(dueAt, signal);
        if (signal.aborted) break;
        await cycle(period * deadlineShare, signal);
        progress.leaveOut(Math.max(0, Math.floor((clock.now() - dueAt) / period)));
        // A timer may fire just before its moment: the next one is after this one all the same. Where the clock was set back
        // by more than that, its own time is what counts: else nothing would be read until it is as late again.
        const wall = clock.wall();
        due = nextOnGrid(wall > due - period ? Math.max(wall, due) : wall, period, phase);
      }
      sendRest();
    },
  };
}
