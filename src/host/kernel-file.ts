/** One file of the kernel that is read again and again: how its descriptor is kept, and what happens when it cannot be read. */
import { constants, fstatSync, openSync } from 'node:fs';
import type { ProblemKind, Problems } from '../problems.ts';
import { closeDescriptor, type Descriptors } from './descriptors.ts';
import { errorCode, failureOf } from './failures.ts';
import { text } from './lines.ts';
import type { Malformed, Parser } from './parser.ts';
import { readBuffer, readWhole } from './read-whole.ts';

export interface KernelFileOptions {
  readonly path: string;
  /** What to open where `path` is only its name to people. */
  readonly openPath?: () => string;
  /** Whether its descriptor is kept where a slot is free. Never for `/proc/<pid>/net/*`: it would keep the namespace alive. */
  readonly keep: boolean;
  /** Whether the kernel gives the file whole in one read: see readWhole. Without it a second read looks for the end. */
  readonly single?: boolean;
  /** Whether `inode` is wanted of a file that is opened for each read too. */
  readonly inode?: boolean;
  /** Whose file it is, for the problems. */
  readonly owner: string;
  readonly problems: Problems;
  readonly descriptors: Descriptors;
  /** A monotonic clock in milliseconds. */
  readonly now: () => number;
}

export interface KernelFile {
  /** Reads and parses the file. `undefined` also where it is absent, may not be read, or is given a rest: see below. */
  parse<T>(parser: Parser<T>): T | undefined;
  /** The code of the error that the last read ended with, such as `ENOENT`; `undefined` where it did not fail. */
  readonly failure: string | undefined;
  /** The inode that was read last: a cgroup made anew under an old name has another. Absent where it is not known. */
  readonly inode: number | undefined;
  /** Closes it for good. */
  close(): void;
}

/** The last component is never a link or waits for a writer: no kernel file does, and no other file is wanted. */
const openFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** A failed open costs 20 µs and seldom ends soon: the next try is this much later. */
const retryMilliseconds = 30_000;
/**
 * After two reads in a row that took longer than this the file rests for 20 times as long, so that a sick kernel costs 5 %
 * of the time. One may have been this process's own wait for a CPU.
 */
const slowMilliseconds = 50;
const restFactor = 20;
const longestRestMilliseconds = 300_000;
const quotedBytes = 120;

export function openKernelFile(options: KernelFileOptions): KernelFile {
  const { path, openPath, keep, single = false, owner, problems, descriptors, now } = options;
  const name = path.slice(path.lastIndexOf('/') + 1);
  let kept: number | undefined;
  let inode: number | undefined;
  let failure: string | undefined;
  let wasRead = false;
  let closed = false;
  let resumeAt = -Infinity;
  /** How long the last read took if it was a slow one, else 0. */
  let slowRead = 0;

  function report(kind: ProblemKind, what: string, message: string): void {
    problems.report({ kind, owner, cause: `${name} ${what}`, message: `${path}: ${message}` });
  }

  const malformed: Malformed = (start, end) => {
    const quote = JSON.stringify(text(readBuffer.bytes, start, Math.min(end, start + quotedBytes)));
    report('malformed', 'malformed', `cannot understand ${quote}`);
  };

  function readAnew(): number {
    const descriptor = openSync(openPath?.() ?? path, openFlags);
    if (keep && descriptors.take()) kept = descriptor;
    try {
      if (kept !== undefined || options.inode === true) inode = fstatSync(descriptor).ino;
      return readWhole(descriptor, single);
    } finally {
      if (kept === undefined) closeDescriptor(descriptor);
    }
  }

  function readKept(descriptor: number): number {
    try {
      return readWhole(descriptor, single);
    } catch (error) {
      if (errorCode(error) !== 'ENODEV') throw error;
      // The cgroup was removed. By now another one may have its name.
      drop();
      return readAnew();
    }
  }

  function drop(): void {
    inode = undefined;
    if (kept === undefined) return;
    closeDescriptor(kept);
    kept = undefined;
    descriptors.release();
  }

  function fail(code: string, at: number): void {
    const meaning = failureOf(code);
    if (meaning !== 'absent') report('denied', code, `cannot be read: ${code}`);
    else if (wasRead) report('gone', code, `is gone: ${code}`);
    if (meaning !== 'busy') resumeAt = at + retryMilliseconds;
    failure = code;
    wasRead = false;
  }

  return {
    parse(parser) {
      if (closed) return undefined;
      const started = now();
      if (started < resumeAt) {
        if (slowRead > 0) report('denied', 'slow', `is read less often: a read took ${Math.round(slowRead)} ms`);
        return undefined;
      }
      let end;
      try {
        end = kept === undefined ? readAnew() : readKept(kept);
      } catch (error) {
        slowRead = 0;
        drop();
        fail(errorCode(error), started);
        return undefined;
      }
      failure = undefined;
      wasRead = true;
      const took = now() - started;
      if (took <= slowMilliseconds) slowRead = 0;
      else {
        if (slowRead > 0) resumeAt = started + took + Math.min(took * restFactor, longestRestMilliseconds);
        slowRead = took;
      }
      return parser(readBuffer.bytes, end, malformed);
    },
    get failure() {
      return failure;
    },
    get inode() {
      return inode;
    },
    close() {
      closed = true;
      drop();
    },
  };
}
