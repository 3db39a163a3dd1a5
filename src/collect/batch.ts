import { setImmediate } from 'node:timers/promises';
import pLimit from 'p-limit';

/** The synchronous part of a cycle gives way to the event loop after this many milliseconds. */
const sliceMilliseconds = 4;
/** Items of one batch. Promises for each item would outlive two collections of the young generation and fill the old one. */
const batchItems = 16;

export interface BatchOptions {
  /** Batches that may be under way at once; the items of one are run one after the other. */
  readonly concurrency: number;
  /** Monotonic milliseconds after which no further item is begun. */
  readonly deadline: number;
  readonly signal: AbortSignal;
  now(): number;
}

/**
 * Runs `task` on each item, in batches that begin in the order given, at most `concurrency` at once. An item that is not begun
 * before the deadline or the abort is left out; `task` must not throw. Resolves with the items left out when all that was begun
 * has ended.
 */
export async function inBatches<Item>(
  items: readonly Item[],
  task: (item: Item) => void | Promise<void>,
  { concurrency, deadline, signal, now }: BatchOptions,
): Promise<readonly Item[]> {
  const limit = pLimit(concurrency);
  const left: Item[] = [];
  let yieldAt = now() + sliceMilliseconds;

  async function run(batch: readonly Item[]): Promise<void> {
    for (const item of batch) {
      if (now() > yieldAt) {
        await setImmediate();
        yieldAt = now() + sliceMilliseconds;
      }
      if (signal.aborted || now() > deadline) left.push(item);
      else {
        const done = task(item);
        if (done !== undefined) await done;
      }
    }
  }

  await limit.map(batchesOf(items), run);
  return left;
}

function batchesOf<Item>(items: readonly Item[]): (readonly Item[])[] {
  const batches: (readonly Item[])[] = [];
  for (let start = 0; start < items.length; start += batchItems) batches.push(items.slice(start, start + batchItems));
  return batches;
}
