/**
 * The files of one process, read through a descriptor of its directory: once the process has ended, every read fails,
 * and none reaches a later process of the same pid. A directory's descriptor holds no namespace, one of a file in `net/` does.
 */
import { constants, openSync } from 'node:fs';
import type { Problems } from '../problems.ts';
import { closeDescriptor, type Descriptors } from './descriptors.ts';
import { errorCode, failureOf } from './failures.ts';
import { openKernelFile, type KernelFile } from './kernel-file.ts';
import type { Parser } from './parser.ts';
import { parseProcStat, type ProcessStat } from './proc-stat.ts';

export interface ProcessOptions {
  readonly procRoot: string;
  readonly pid: number;
  /** Whose process it is, for the problems. */
  readonly owner: string;
  readonly problems: Problems;
  readonly descriptors: Descriptors;
  /** A monotonic clock in milliseconds. */
  readonly now: () => number;
}

export interface Process {
  /** Reads and parses one of its files, named from its directory: `net/dev`. `undefined` where that cannot be read. */
  read<T>(relative: string, parser: Parser<T>): T | undefined;
  /** False from the first read that found the process ended, or not the one it was. */
  readonly alive: boolean;
  /** Runs `task`, which reads several of its files: without a slot its directory is opened once for all of them. */
  together<T>(task: () => T): T;
  close(): void;
}

const openFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/** The process that has the pid now; not alive from the start where there is none, or where it may not be seen. */
export function openProcess(options: ProcessOptions): Process {
  const { procRoot, pid, owner, problems, descriptors } = options;
  const home = `${procRoot}/${pid}`;
  const place = { ...options, directory: home };
  const files = new Map<string, KernelFile>();
  let directory: number | undefined;
  let kept = false;
  let isTogether = false;
  let alive = true;
  /** Without a slot the directory is opened again and again: its start time then tells whether it is still the same. */
  let startTime: ProcessStat['startTime'] | undefined;

  function openFile(relative: string): KernelFile {
    return openKernelFile(place, { name: relative, openPath: () => `/proc/self/fd/${directory}/${relative}`, keep: false });
  }

  /** Opens the directory where it is not open, and makes sure that it is still the same process's. */
  function enter(): boolean {
    if (directory !== undefined) return true;
    try {
      directory = openSync(home, openFlags);
    } catch (error) {
      const code = errorCode(error);
      if (failureOf(code) === 'busy') {
        problems.report({ kind: 'denied', owner, cause: `process ${code}`, message: `${home}: cannot be opened: ${code}` });
        return false;
      }
      end(code);
      return false;
    }
    const stat = openFile('stat').parse(parseProcStat);
    if (startTime !== undefined && stat?.startTime !== startTime) {
      end('ESRCH');
      return false;
    }
    startTime = stat?.startTime;
    kept = descriptors.take();
    return true;
  }

  function leave(): void {
    if (directory === undefined || kept || isTogether) return;
    closeDescriptor(directory);
    directory = undefined;
  }

  function end(code: string): void {
    alive = false;
    const kind = failureOf(code) === 'denied' ? 'denied' : 'gone';
    problems.report({ kind, owner, cause: `process ${code}`, message: `${home}: cannot be read: ${code}` });
    close();
  }

  function close(): void {
    alive = false;
    files.clear();
    if (kept) descriptors.release();
    kept = false;
    isTogether = false;
    leave();
  }

  if (enter()) leave();

  return {
    read(relative, parser) {
      if (!alive || !enter()) return undefined;
      let file = files.get(relative);
      if (file === undefined) files.set(relative, (file = openFile(relative)));
      const value = file.parse(parser);
      // A file may be absent while its process lives: `net/ipv6_route` on a kernel without IPv6.
      if (file.failure !== undefined && hasEnded(openFile('stat'))) end('ESRCH');
      leave();
      return value;
    },
    get alive() {
      return alive;
    },
    together(task) {
      isTogether = true;
      try {
        return task();
      } finally {
        isTogether = false;
        leave();
      }
    },
    close,
  };
}

/** A zombie has ended: it has no namespaces any more. */
function hasEnded(statFile: KernelFile): boolean {
  const stat = statFile.parse(parseProcStat);
  return statFile.failure === 'ESRCH' || stat?.state === 'Z' || stat?.state === 'X';
}
