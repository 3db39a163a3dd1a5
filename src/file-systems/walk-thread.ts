import type { Worker } from 'node:worker_threads';
import { walkProgram } from './walk-program.ts';
import type { WalkAnswer, WalkRequest } from './walk-request.ts';
import type { WalkThreadData } from './walk-worker.ts';
import type { WalkFailure } from './walk.ts';

/** Asks the thread that walks, and starts it when it is first asked, or has died. To be asked one thing at a time. */
export interface WalkThread {
  /**
   * Never rejects. A failure is an error's code, a bound's name, `remote` for a file system behind a server, `none` for a process
   * without a writable layer, or `hung` for a thread that does not come back from a system call.
   */
  ask(request: WalkRequest): Promise<WalkAnswer | WalkFailure>;
  /** Ends the thread, in the middle of a walk too. */
  close(): void;
}

export interface WalkThreadOptions extends WalkThreadData {
  /** Resolves after `milliseconds`, or at once when the signal aborts. */
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
}

/** Beyond the time that a walk may take: the start of the thread, and reads that end late. */
const graceMilliseconds = 10_000;
/** Of V8's heap. The walk itself needs two or three; from source, Node's own compiler runs in the thread too. */
const resourceLimits = { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 2, stackSizeMb: 1 };

export function createWalkThread(options: WalkThreadOptions): WalkThread {
  const { procRoot, hostRoot, bounds, entriesPerSecond, wait } = options;
  const workerData: WalkThreadData = { procRoot, hostRoot, bounds, entriesPerSecond };
  let worker: Worker | undefined;
  const closing = new AbortController();
  /** Told to end, and still inside a system call that does not return: nothing more is asked of this host. */
  let hung: Worker | undefined;

  async function start(): Promise<Worker> {
    // Loaded here: what it loads in turn costs memory where nobody walks.
    const { Worker: Thread } = await import('node:worker_threads');
    const started = new Thread(walkProgram, { workerData, resourceLimits, env: {}, execArgv: [] });
    started.unref();
    started.on('exit', () => {
      if (worker === started) worker = undefined;
      if (hung === started) hung = undefined;
    });
    // Whoever asked hears of it too; without a listener it would end the process.
    started.on('error', () => (worker = undefined));
    return started;
  }

  async function exchange(asked: Worker, request: WalkRequest): Promise<WalkAnswer | WalkFailure> {
    const { promise, resolve } = Promise.withResolvers<WalkAnswer | WalkFailure>();
    const over = new AbortController();
    const onError = (error: Error): void => resolve({ failure: 'code' in error ? String(error.code) : String(error) });
    const onExit = (): void => resolve({ failure: 'ended' });
    asked.on('message', resolve).on('error', onError).on('exit', onExit);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    asked.postMessage(request);
    const given = AbortSignal.any([over.signal, closing.signal]);
    const late = wait(bounds.milliseconds + graceMilliseconds, given).then(() => {
      return { failure: closing.signal.aborted ? 'ended' : 'hung' };
    });
    const answer = await Promise.race([promise, late]);
    over.abort();
    asked.off('message', resolve).off('error', onError).off('exit', onExit);
    return answer;
  }

  return {
    async ask(request) {
      if (hung !== undefined) return { failure: 'hung' };
      if (closing.signal.aborted) return { failure: 'ended' };
      const asked = (worker ??= await start());
      const answer = await exchange(asked, request);
      if ('failure' in answer && answer.failure === 'hung') {
        hung = asked;
        void asked.terminate();
      }
      // Closed while it was still being started.
      if (closing.signal.aborted) void asked.terminate();
      return answer;
    },
    close() {
      closing.abort();
      void worker?.terminate();
    },
  };
}
