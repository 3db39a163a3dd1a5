import { createHash } from 'node:crypto';
import type { Problems } from '../problems.ts';
import { untilAborted } from '../until-aborted.ts';
import { messageOf } from './error-message.ts';
import type { PodWatch } from './pods.ts';
import type { Wait } from './reflector.ts';
import { encodeSavedPods } from './saved-pods.ts';
import type { SavedFor } from './saved-pods.ts';
import { replaceStateFile } from './state-file.ts';

export interface PodSaverOptions {
  readonly path: string;
  readonly of: SavedFor;
  readonly watch: Pick<PodWatch, 'ready' | 'version' | 'snapshot' | 'leftOut'>;
  readonly problems: Problems;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  readonly wait: Wait;
}

/** How often it looks whether there is something to save, and the least time between two writes (milliseconds). */
const lookEvery = 250;
const writeEvery = 10_000;
/** A write that takes longer is told of. */
const patience = 30_000;

/** Keeps what is known of the pods for the next run, until the signal aborts; never rejects. */
export async function savePods({ path, of, watch, problems, now, wait }: PodSaverOptions, signal: AbortSignal): Promise<void> {
  let version = -1;
  let digest = '';
  let dueAt = -Infinity;

  function fail(why: string): void {
    problems.report({
      kind: 'denied',
      owner: '',
      cause: `write: ${why}`,
      message: `Cannot keep the pods in "${path}": ${why}`,
    });
  }

  /** At most one at a time, in a thread of Node's: a disk that hangs holds up this loop and nothing else. */
  async function write(bytes: Buffer): Promise<boolean> {
    const slow = setTimeout(() => fail('the disk does not answer'), patience);
    slow.unref();
    try {
      await replaceStateFile(path, bytes);
      return true;
    } catch (error) {
      fail(messageOf(error));
      return false;
    } finally {
      clearTimeout(slow);
    }
  }

  async function save(): Promise<void> {
    const current = watch.version;
    const bytes = encodeSavedPods(watch.snapshot().values(), watch.leftOut(), of);
    const next = createHash('sha256').update(bytes).digest('hex');
    if (next !== digest) {
      dueAt = now() + writeEvery;
      if (!(await write(bytes))) return;
    }
    digest = next;
    version = current;
  }

  while (!signal.aborted) {
    if (watch.ready && watch.version !== version && now() >= dueAt) await untilAborted(save(), signal);
    await wait(lookEvery, signal).catch(() => {
      // Only an abort ends a wait early, and that ends the loop.
    });
  }
}
