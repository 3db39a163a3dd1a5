import { statSync, watch } from 'node:fs';
import type { FSWatcher } from 'node:fs';
import { basename, join } from 'node:path';
import { errorCode, failureOf } from '../host/failures.ts';
import type { Problems } from '../problems.ts';

/** inotify on directories: says in which of them a child was made or removed. Never keeps the process alive. */
export interface Watches {
  /** Begins to watch a directory; nothing if that is watched already. It must be read after this, or a change may be missed. */
  add(directory: string): void;
  remove(directory: string): void;
  /** The watched directories that changed since the last call. */
  take(): ReadonlySet<string>;
  /** Whether some directory could not be watched, so that only looking again shows its changes. */
  readonly incomplete: boolean;
  /** Tries again what could not be watched, and lets go of what was made again under its old name without a word of it. */
  renew(): void;
  close(): void;
}

interface Watched {
  readonly watcher: FSWatcher;
  readonly inode: number | undefined;
}

const nothing: ReadonlySet<string> = new Set();

/** Errors of one directory. All others would meet any: ENOSPC and EMFILE are limits of inotify(7). */
const forbidden = new Set(['EACCES', 'EPERM']);

export function createWatches(problems: Problems): Watches {
  const watched = new Map<string, Watched>();
  let changed = new Set<string>();
  let incomplete = false;
  let reported = false;

  function remove(directory: string): void {
    watched.get(directory)?.watcher.close();
    watched.delete(directory);
  }

  function drop(directory: string): void {
    if (!watched.has(directory)) return;
    remove(directory);
    changed.add(directory);
  }

  function onChange(directory: string, event: string, child: string | null): void {
    // `change` is a file that was written, or an event file of the kernel's: neither makes nor removes a directory.
    if (event !== 'rename') return;
    changed.add(directory);
    if (child === null) return;
    // A directory made again under its old name is another one, and the old watch is deaf to it.
    drop(join(directory, child));
    // The end of the directory itself comes under its own name.
    if (child === basename(directory)) drop(directory);
  }

  function fail(directory: string, error: unknown): void {
    const code = errorCode(error);
    if (failureOf(code) === 'absent' || forbidden.has(code)) return;
    if (!reported) {
      problems.report({
        kind: 'denied',
        owner: '',
        cause: `inotify ${code}`,
        message: `Cannot watch "${directory}": ${code}; changes are found by scanning, raise fs.inotify.max_user_watches`,
      });
    }
    reported = true;
    incomplete = true;
  }

  return {
    add(directory) {
      if (incomplete || watched.has(directory)) return;
      try {
        const inode = inodeOf(directory);
        const watcher = watch(directory, { persistent: false }, (event, child) => onChange(directory, event, child));
        watcher.on('error', (error) => {
          drop(directory);
          fail(directory, error);
        });
        watched.set(directory, { watcher, inode });
      } catch (error) {
        fail(directory, error);
      }
    },
    remove,
    take() {
      if (changed.size === 0) return nothing;
      const taken = changed;
      changed = new Set();
      return taken;
    },
    get incomplete() {
      return incomplete;
    },
    renew() {
      incomplete = false;
      for (const [directory, { inode }] of watched) {
        if (inodeOf(directory) !== inode) remove(directory);
      }
    },
    close() {
      for (const { watcher } of watched.values()) watcher.close();
      watched.clear();
      changed.clear();
    },
  };
}

function inodeOf(directory: string): number | undefined {
  try {
    return statSync(directory).ino;
  } catch {
    // Gone, or not to be seen: either way nothing that can be watched.
    return undefined;
  }
}
