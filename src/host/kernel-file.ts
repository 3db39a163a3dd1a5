/** One file of the kernel that is read again and again: how its descriptor is kept, and what happens when it cannot be read. */
import { constants, fstatSync, openSync } from 'node:fs';
import type { ProblemKind, Problems } from '../problems.ts';
import { closeDescriptor, type Descriptors } from './descriptors.ts';
import { errorCode, failureOf } from './failures.ts';
import { text } from './lines.ts';
import type { Malformed, Parser } from './parser.ts';
import { readBuffer, readWhole } from './read-whole.ts';

/** What all files of one directory share: there are thousands of files. */
export interface KernelDirectory {
  readonly directory: string;
  /** Whose files they are, for the problems. */
  readonly owner: string;
  readonly problems: Problems;
  readonly descriptors: Descriptors;
  /** A monotonic clock in milliseconds. */
  readonly now: () => number;
}

export interface KernelFileOptions {
  /** From the directory on. */
  readonly name: string;
  /** What to open where directory and name are only what people call it. */
  readonly openPath?: () => string;
  /** Whether its descriptor is kept where a slot is free. Never for `/proc/<pid>/net/*`: it would keep the namespace alive. */
  readonly keep: boolean;
  /** Whether the kernel gives the file whole in one read: see readWhole. Without it a second read looks for the end. */
  readonly single?: boolean;
  /** Whether `inode` is wanted of a file that is opened for each read too. */
  readonly inode?: boolean;
}

export interface KernelFile {
  /** Reads and parses the file. `undefined` also where it is absent, may not be read, or is given a rest: see below. */
  parse<T>(parser: Parser<T>): T | undefined;
  /** Ends a rest: there may not be another time to read it. */
  wake(): void;
  /** The code of the error that the last read ended with, such as `ENOENT`; `undefined` where it did not fail. */
  readonly failure: string | undefined;
  /** The inode that was read last: a cgroup made anew under an old name has another. Absent where it is not known. */
  readonly inode: number | undefined;
  /** When the last read that succeeded had ended, by `now`. */
  readonly readAt: number;
  /** Closes it for good. */
  close(): void;
}

/** The last component is never a link or waits for a writer: no kernel file does, and no other file is wanted. */
const openFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** A failed open costs 20 µs and seldom ends soon: the next try is this much later. */
const retryMilliseconds = 30_000;
/**
 * What is absent may be made at any moment, with its cgroup: anew under its old name, too, between two looks at the tree. It is
 * tried again after this long, what was read before at once, and then after twice as long each time.
 */
const soonMilliseconds = 1_000;
/** What was never there is of another kernel or another configuration: it is hardly ever made later. */
const neverMilliseconds = 300_000;
/**
 * After two reads in a row that took longer than this the file rests for 20 times as long, so that a sick kernel costs 5 %
 * of the time. One may have been this process's own wait for a CPU.
 */
const slowMilliseconds = 50;
const restFactor = 20;
const longestRestMilliseconds = 300_000;
const quotedBytes = 120;

export function openKernelFile(place: KernelDirectory, options: KernelFileOptions): KernelFile {
  return new ReadAgainAndAgain(place, options);
}

/** A file that is absent is normal, and the stack of its error is never read: making it would cost more than the call. */
function openQuietly(path: string): number {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return openSync(path, openFlags);
  } finally {
    Error.stackTraceLimit = limit;
  }
}

/** The file whose bytes are in the one buffer: parsers are synchronous, and a closure for each read would be garbage. */
const parsing: { file: ReadAgainAndAgain | undefined } = { file: undefined };
const malformed: Malformed = (start, end) => parsing.file?.reportMalformed(start, end);

/** A class, because there are thousands: closures of each file's own would take 1 KiB more a file, and be slower. */
class ReadAgainAndAgain implements KernelFile {
  failure: string | undefined = undefined;
  inode: number | undefined = undefined;
  readAt = -Infinity;
  readonly #place: KernelDirectory;
  readonly #name: string;
  readonly #openPath: (() => string) | undefined;
  readonly #keep: boolean;
  readonly #single: boolean;
  readonly #wantsInode: boolean;
  #kept: number | undefined = undefined;
  #wasRead = false;
  #wasEverRead = false;
  #closed = false;
  #resumeAt = -Infinity;
  /** How long the next failure to find the file puts off the try after it. */
  #absentFor = soonMilliseconds;
  /** How long the last read took if it was a slow one, else 0. */
  #slowRead = 0;

  constructor(place: KernelDirectory, options: KernelFileOptions) {
    const { name, openPath, keep, single = false, inode = false } = options;
    this.#place = place;
    this.#name = name;
    this.#openPath = openPath;
    this.#keep = keep;
    this.#single = single;
    this.#wantsInode = inode;
  }

  parse<T>(parser: Parser<T>): T | undefined {
    if (this.#closed) return undefined;
    const started = this.#place.now();
    if (started < this.#resumeAt) {
      if (this.#slowRead > 0) this.#report('slow', 'slow', `is read less often: a read took ${Math.round(this.#slowRead)} ms`);
      return undefined;
    }
    let end;
    try {
      end = this.#kept === undefined ? this.#readAnew() : this.#readKept(this.#kept);
    } catch (error) {
      this.#slowRead = 0;
      this.#drop();
      this.#fail(errorCode(error), started);
      return undefined;
    }
    this.failure = undefined;
    this.#wasRead = true;
    this.#wasEverRead = true;
    this.#absentFor = 0;
    this.readAt = this.#place.now();
    const took = this.readAt - started;
    if (took > slowMilliseconds) this.#rest(took);
    else this.#slowRead = 0;
    parsing.file = this;
    return parser(readBuffer.bytes, end, malformed);
  }

  wake(): void {
    if (this.#slowRead > 0) this.#resumeAt = -Infinity;
  }

  close(): void {
    this.#closed = true;
    this.#drop();
  }

  #rest(took: number): void {
    if (this.#slowRead > 0) this.#resumeAt = this.readAt + Math.min(took * restFactor, longestRestMilliseconds);
    this.#slowRead = took;
  }

  #readAnew(): number {
    const descriptor = openQuietly(this.#openPath?.() ?? this.#path());
    if (this.#keep && this.#place.descriptors.take()) this.#kept = descriptor;
    try {
      if (this.#kept !== undefined || this.#wantsInode) this.inode = fstatSync(descriptor).ino;
      return readWhole(descriptor, this.#single);
    } finally {
      if (this.#kept === undefined) closeDescriptor(descriptor);
    }
  }

  #readKept(descriptor: number): number {
    try {
      return readWhole(descriptor, this.#single);
    } catch (error) {
      if (errorCode(error) !== 'ENODEV') throw error;
      // The cgroup was removed. By now another one may have its name.
      this.#drop();
      return this.#readAnew();
    }
  }

  #drop(): void {
    this.inode = undefined;
    if (this.#kept === undefined) return;
    closeDescriptor(this.#kept);
    this.#kept = undefined;
    this.#place.descriptors.release();
  }

  #fail(code: string, at: number): void {
    const meaning = failureOf(code);
    if (meaning !== 'absent') this.#report('denied', code, `cannot be read: ${code}`);
    else if (this.#wasRead) this.#report('gone', code, `is gone: ${code}`);
    if (meaning === 'denied') this.#resumeAt = at + retryMilliseconds;
    if (meaning === 'absent') {
      this.#resumeAt = at + this.#absentFor;
      const longest = this.#wasEverRead ? retryMilliseconds : neverMilliseconds;
      this.#absentFor = Math.min(longest, Math.max(soonMilliseconds, this.#absentFor * 2));
    }
    this.failure = code;
    this.#wasRead = false;
  }

  reportMalformed(start: number, end: number): void {
    const quote = JSON.stringify(text(readBuffer.bytes, start, Math.min(end, start + quotedBytes)));
    this.#report('malformed', 'malformed', `cannot understand ${quote}`);
  }

  /** Put together when it is needed: thousands of whole paths would take 200 bytes each. */
  #path(): string {
    return `${this.#place.directory}/${this.#name}`;
  }

  #report(kind: ProblemKind, what: string, message: string): void {
    const cause = `${this.#name.slice(this.#name.lastIndexOf('/') + 1)} ${what}`;
    const { owner, problems } = this.#place;
    problems.report({ kind, owner, cause, message: `${this.#path()}: ${message}` });
  }
}
