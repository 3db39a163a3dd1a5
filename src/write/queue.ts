import type { Logger } from '../problems.ts';
import { backoff } from './backoff.ts';
import { release } from './compress.ts';
import { createEntry, splitEntry } from './entry.ts';
import type { Entry } from './entry.ts';
import type { Batch } from './line-protocol.ts';
import { createOutage } from './outage.ts';
import type { Outcome, Target } from './target.ts';

export interface QueueOptions {
  /** Most bytes that wait, as they are sent: compressed where the target wants that. */
  readonly maxBytes: number;
  readonly target: Target;
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
  /** From 0 to below 1. */
  readonly random: () => number;
  /** Resolves after that many milliseconds, or at once when the signal aborts. */
  readonly wait: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  readonly log: Logger;
}

/** Points but for the last four. At any time all points added = sent + rejected + dropped + waiting. */
export interface QueueStats {
  readonly sent: number;
  /** Refused for good by the target. */
  readonly rejected: number;
  /** Let go of because the queue was full, the oldest first. */
  readonly dropped: number;
  readonly waiting: number;
  /** Requests that failed and are tried again. */
  readonly failed: number;
  readonly bytes: number;
  readonly batches: number;
  /** When points were last dropped, by `now`; absent before that. */
  readonly droppedAt?: number;
}

export interface Queue {
  add(batches: readonly Batch[]): void;
  /** Sends, one request at a time, until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
  /** Sends what waits until nothing does or the signal aborts, and resolves with the points left. Only when `run` has ended. */
  drain(signal: AbortSignal): Promise<number>;
  readonly stats: QueueStats;
}

type Counted = { -readonly [K in keyof Omit<QueueStats, 'batches'>]: QueueStats[K] };

/** Suspect answers to one batch after which others are tried before it. */
const mostSuspicions = 5;
const quietMs = 60_000;
const mostQuoted = 300;

/**
 * Points on their way to a target, in memory. The oldest go first, both to the target and, over the cap, to waste; never the
 * batch in flight. Sending one again is harmless, since its points carry their times.
 */
export function createQueue({ maxBytes, target, now, random, wait, log }: QueueOptions): Queue {
  const entries: Entry[] = [];
  const outage = createOutage(now, log);
  const stats: Counted = { sent: 0, rejected: 0, dropped: 0, waiting: 0, failed: 0, bytes: 0 };
  let inFlight: Entry | undefined;
  let arrived = (): void => {};
  let failuresInRow = 0;
  let taken = 0;
  let quietUntil = { rejected: 0, dropped: 0 };

  function resized(entry: Entry, bytes: number): void {
    // It may have been dropped meanwhile, and its bytes with it.
    if (entries.includes(entry)) stats.bytes += bytes;
  }

  function newEntry(body: Buffer, points: number): Entry {
    const entry = createEntry(body, points, target.gzip, resized);
    stats.bytes += body.length;
    stats.waiting += points;
    return entry;
  }

  function remove(entry: Entry): void {
    entries.splice(entries.indexOf(entry), 1);
    stats.bytes -= entry.body.length;
    stats.waiting -= entry.points;
  }

  /** At most one such line a minute: when all points are refused, the first says as much as the rest. */
  function complain(what: 'rejected' | 'dropped', data: object, message: string): void {
    if (now() < quietUntil[what]) return;
    quietUntil = { ...quietUntil, [what]: now() + quietMs };
    log.warn({ ...data, [`${what}Points`]: stats[what] }, message);
  }

  function drop(entry: Entry, reason: string): void {
    remove(entry);
    stats.dropped += entry.points;
    stats.droppedAt = now();
    complain('dropped', { reason, waitingBytes: stats.bytes }, 'Dropped points that waited for the target');
  }

  function trim(): void {
    while (stats.bytes > maxBytes) {
      const oldest = entries[entries[0] === inFlight ? 1 : 0];
      if (oldest === undefined) return;
      drop(oldest, 'the queue is full');
    }
  }

  /** Halves it, so that each is answered for itself; a single line has nobody else to blame. */
  async function refuse(entry: Entry, reason: string): Promise<void> {
    const { text, halves } = await splitEntry(entry, target.gzip);
    const index = entries.indexOf(entry);
    remove(entry);
    if (halves !== undefined) {
      const parts = halves.map(([body, points]) => newEntry(body, points));
      for (const part of parts) {
        part.suspicions = entry.suspicions;
        part.takenBefore = taken;
      }
      entries.splice(index, 0, ...parts);
      return;
    }
    stats.rejected += entry.points;
    complain('rejected', { reason, line: text.toString('utf8', 0, mostQuoted).trimEnd() }, 'Target refused a point');
  }

  /** A batch that always fails must not hold up the others: they go first, and if one of them is taken, it is to blame. */
  async function suspect(entry: Entry, reason: string): Promise<void> {
    entry.suspicions += 1;
    if (entry.suspicions < mostSuspicions) return;
    if (entry.suspicions > mostSuspicions && taken > entry.takenBefore) return refuse(entry, reason);
    entry.takenBefore = taken;
    entries.push(...entries.splice(entries.indexOf(entry), 1));
  }

  /** Resolves with the milliseconds to wait before the next request. */
  async function settle(entry: Entry, outcome: Outcome): Promise<number> {
    if (outcome.kind === 'wait') {
      stats.failed += 1;
      failuresInRow += 1;
      outage.failed(outcome.reason, stats.waiting);
      if (outcome.suspect === true) await suspect(entry, outcome.reason);
      return backoff(failuresInRow, random, outcome.retryAfterMs);
    }
    failuresInRow = 0;
    if (outcome.kind === 'taken') {
      const rejected = Math.min(outcome.rejected, entry.points);
      remove(entry);
      if (outcome.done === true) release(entry.body);
      taken += 1;
      stats.rejected += rejected;
      stats.sent += entry.points - rejected;
      if (rejected > 0) complain('rejected', { reason: outcome.reason }, 'Target refused some points of a batch');
    } else {
      await refuse(entry, outcome.reason);
    }
    outage.ended(stats.waiting);
    return 0;
  }

  async function send(entry: Entry, signal: AbortSignal): Promise<number> {
    try {
      await entry.ready;
    } catch (error) {
      drop(entry, String(error));
      return 0;
    }
    const outcome = await target.send(entry.body, entry.points, signal);
    if (outcome.kind === 'wait' && signal.aborted) return 0;
    return settle(entry, outcome);
  }

  async function arrival(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = (): void => resolve();
    arrived = wake;
    signal.addEventListener('abort', wake);
    if (entries.length > 0) wake();
    await promise;
    signal.removeEventListener('abort', wake);
  }

  /** False when nothing waits. */
  async function step(signal: AbortSignal): Promise<boolean> {
    const [first] = entries;
    if (first === undefined) return false;
    inFlight = first;
    const milliseconds = await send(first, signal);
    inFlight = undefined;
    trim();
    if (milliseconds > 0 && !signal.aborted) await wait(milliseconds, signal);
    return true;
  }

  return {
    add(batches) {
      for (const { body, points } of batches) entries.push(newEntry(body, points));
      trim();
      arrived();
    },
    async run(signal) {
      while (!signal.aborted) {
        const sent = await step(signal);
        if (!sent && !signal.aborted) await arrival(signal);
      }
    },
    async drain(signal) {
      while (!signal.aborted && (await step(signal)));
      return stats.waiting;
    },
    get stats() {
      return { ...stats, batches: entries.length };
    },
  };
}
