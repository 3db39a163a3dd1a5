import { watch } from 'node:fs';
import type { FSWatcher } from 'node:fs';
import { errorCode, failureOf } from '../host/failures.ts';
import type { Problems } from '../problems.ts';

/** Ends the watch; nothing is called after it. */
export interface EventWatch {
  close(): void;
}

/**
 * inotify on the event files of cgroup v2, such as `memory.events`: the kernel tells when their content changed. The file itself is
 * watched, because its directory would tell of every other file in it as well. Never keeps the process alive.
 */
export interface EventWatches {
  /**
   * Calls back after each change: at once for the first ones, and no more than ten times a second from then on, because
   * the kernel tells a hundred times a second of a cgroup that is stuck at its limit. The last change is never left out. A file
   * that cannot be watched is absent, or the problem is reported once for all.
   */
  watch(file: string, onChange: () => void): EventWatch;
  /** Watches that are open. */
  readonly open: number;
}

export interface EventWatchesOptions {
  /** Most watches: what inotify(7) allows a user is also for the directories in which pods are found. */
  readonly max: number;
  readonly problems: Problems;
  /** Monotonic milliseconds. */
  now(): number;
  wait(milliseconds: number, signal: AbortSignal): Promise<void>;
  /** Nothing is called after it aborts. */
  readonly signal: AbortSignal;
  /** What a callback threw, which none should. */
  fault(error: unknown): void;
}

const everyMilliseconds = 100;
/** Calls that may follow each other at once: as many as the kernel can tell of in `everyMilliseconds`. */
const burst = 10;

const nothing: EventWatch = { close: () => undefined };

export function createEventWatches({ max, problems, now, wait, signal, fault }: EventWatchesOptions): EventWatches {
  let open = 0;

  function fail(file: string, why: string): void {
    const lost = 'the last numbers of what dies between two cycles are lost';
    const message = `Cannot watch "${file}": ${why}; ${lost}`;
    problems.report({ kind: 'denied', owner: '', cause: `event files: ${why}`, message });
  }

  function failWith(file: string, error: unknown): void {
    const code = errorCode(error);
    if (failureOf(code) === 'absent') return;
    fail(file, code === 'ENOSPC' ? `${code}, raise fs.inotify.max_user_watches` : code);
  }

  function start(file: string, onEvent: () => void): FSWatcher | undefined {
    if (open >= max) {
      fail(file, `${max} are watched already`);
      return undefined;
    }
    try {
      return watch(file, { persistent: false }, onEvent);
    } catch (error) {
      failWith(file, error);
      return undefined;
    }
  }

  /** Each call uses up some time that is to come, of which so much may be used in advance. */
  function paced(call: () => void): () => void {
    let usedUntil = -Infinity;
    let isWaiting = false;

    async function callLater(milliseconds: number): Promise<void> {
      isWaiting = true;
      await wait(milliseconds, signal);
      isWaiting = false;
      call();
    }

    return () => {
      if (isWaiting) return;
      const at = now();
      usedUntil = Math.max(usedUntil, at - burst * everyMilliseconds) + everyMilliseconds;
      if (usedUntil <= at) call();
      else void callLater(usedUntil - at);
    };
  }

  return {
    watch(file, onChange) {
      let isOpen = true;
      const call = (): void => {
        if (!isOpen || signal.aborted) return;
        try {
          onChange();
        } catch (error) {
          fault(error);
        }
      };
      const watcher = start(file, paced(call));
      if (watcher === undefined) return nothing;
      open += 1;
      const close = (): void => {
        if (isOpen) open -= 1;
        isOpen = false;
        watcher.close();
      };
      watcher.on('error', (error) => {
        close();
        failWith(file, error);
      });
      return { close };
    },
    get open() {
      return open;
    },
  };
}
