import { setImmediate } from 'node:timers/promises';
import pLimit from 'p-limit';

/** The synchronous part of a cycle gives way to the event loop after this many milliseconds. */
const sliceMilliseconds = 4;

export interface BatchOptions {
  /** Items that may be under way at once. */
  readonly concurrency: number;
  /** Monotonic milliseconds after which no further item is begun. */
  readonly deadline: number;
  readonly signal: AbortSignal;
  now(): number;
}

/**
 * Runs `task` on each item, at most `concurrency` at once, in the order given. An item that is not begun before the deadline
 * or the abort is left out; `task` must not throw. Resolves with the items left out when all that was begun has ended.
 */
export async function inBatches<Item>(
  items: readonly Item[],
  task: (item: Item) => void | Promise<void>,
  { concurrency, deadline, signal, now }: BatchOptions,
): Promise<readonly Item[]> {
  const limit = pLimit(concurrency);
  const left: Item[] = [];
  let yieldAt = now() + sliceMilliseconds;
  await limit.map(items, async (item) => {
    if (now() > yieldAt) {
      await setImmediate();
      yieldAt = now() + sliceMilliseconds;
    }
    if (signal.aborted || now() > deadline) left.push(item);
    else await task(item);
  });
  return left;
}
