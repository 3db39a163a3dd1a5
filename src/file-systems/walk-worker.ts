/** The thread that walks: a second edge of the process, with a clock of its own. It is asked one thing at a time. */
import { parentPort, workerData } from 'node:worker_threads';
import { createPace } from './walk-pace.ts';
import { answer } from './walk-request.ts';
import type { WalkPlace, WalkRequest } from './walk-request.ts';

/** What the thread is started with. */
export interface WalkThreadData extends Omit<WalkPlace, 'clock'> {
  readonly entriesPerSecond: number;
}

const { entriesPerSecond, ...place }: WalkThreadData = workerData;
const never = new Int32Array(new SharedArrayBuffer(4));
const now = (): number => performance.now();
const pace = createPace({
  perSecond: entriesPerSecond,
  now,
  sleep: (milliseconds) => void Atomics.wait(never, 0, 0, milliseconds),
});

parentPort?.on('message', (request: WalkRequest) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  parentPort?.postMessage(answer(request, { ...place, clock: { now, pace } }));
});
