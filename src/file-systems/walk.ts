/**
 * What a directory tree takes on its file system, as `du --one-file-system` counts it. The tree may be a hostile container's,
 * and change under the walk: nothing but directories is ever opened, each from the descriptor of the one that holds it, so no
 * link, FIFO, device or rename can lead the walk out of the tree or hold it up.
 */
import { closeSync, constants, fstatSync, lstatSync, openSync, opendirSync } from 'node:fs';
import type { Dirent, PathLike, Stats } from 'node:fs';
import { errorCode } from '../host/failures.ts';

/** A walk that meets one of these ends without a number: a part of a sum would be a wrong sum. */
export interface WalkBounds {
  /** Files and directories in the tree. */
  readonly entries: number;
  /** Levels of directories, the tree's own included. Each holds a descriptor while the walk is below it. */
  readonly depth: number;
  /** Of the clock, rests included. */
  readonly milliseconds: number;
  /** Files of more than one name that are remembered, so that each counts once. */
  readonly hardLinks: number;
  /** Bytes of the names of directories that wait to be entered. */
  readonly waitingBytes: number;
}

export interface WalkClock {
  /** Monotonic milliseconds. */
  now(): number;
  /** Rests for as long as the rate asks for after so many more entries. */
  pace(entries: number): void;
}

export interface WalkedTree {
  /** What is allocated, in bytes: the holes of a sparse file are not counted. */
  readonly bytes: number;
  readonly inodes: number;
  /** Symbolic links among them. */
  readonly symbolicLinks: number;
}

/** Why there is no number: the name of the bound that was met, or the code of a system call's error. */
export interface WalkFailure {
  readonly failure: string;
}

interface Level {
  readonly descriptor: number;
  /** Names of directories in it that were not entered yet. */
  readonly waiting: string[];
}

interface Walk {
  readonly bounds: WalkBounds;
  readonly clock: WalkClock;
  readonly startedAt: number;
  readonly levels: Level[];
  /** Their inodes: all on one file system. */
  readonly hardLinks: Set<number | bigint>;
  device: number | undefined;
  entries: number;
  paced: number;
  waitingBytes: number;
  bytes: number;
  inodes: number;
  symbolicLinks: number;
  failure: string | undefined;
}

/** stat(2) counts blocks of 512 bytes, whatever the file system's own are. */
const blockBytes = 512;
const openFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
/** One character a byte: a name that is not UTF-8 stays the name it is. */
const nameEncoding = 'latin1';
/** Names read at once, so that a directory of a million takes no more memory than one of a few hundred. */
const namesAtOnce = 256;
/** Entries between two looks at the clock. */
const entriesPerLook = 64;
/** The entry was removed, or is no directory any more: normal in a tree that lives. */
const vanished: readonly string[] = ['ENOENT', 'ENOTDIR', 'ELOOP'];

/** Walks the tree of an open directory and closes it. What is or happens in the tree never makes it throw. */
export function walkTree(root: number, bounds: WalkBounds, clock: WalkClock): WalkedTree | WalkFailure {
  const walk = begin(bounds, clock);
  try {
    enter(walk, root);
    for (let level = walk.levels.at(-1); level !== undefined && walk.failure === undefined; level = walk.levels.at(-1)) {
      const name = level.waiting.pop();
      if (name === undefined) {
        leave(walk);
        continue;
      }
      walk.waitingBytes -= name.length;
      const descriptor = openDirectory(level.descriptor, name);
      if (descriptor !== undefined) enter(walk, descriptor);
    }
    rest(walk);
  } catch (error) {
    walk.failure = errorCode(error);
  } finally {
    while (walk.levels.length > 0) leave(walk);
  }
  const { bytes, inodes, symbolicLinks, failure } = walk;
  return failure === undefined ? { bytes, inodes, symbolicLinks } : { failure };
}

function begin(bounds: WalkBounds, clock: WalkClock): Walk {
  return {
    bounds,
    clock,
    startedAt: clock.now(),
    levels: [],
    hardLinks: new Set(),
    device: undefined,
    entries: 1,
    paced: 0,
    waitingBytes: 0,
    bytes: 0,
    inodes: 0,
    symbolicLinks: 0,
    failure: undefined,
  };
}

/** `undefined` where the name is no directory's any more. Also opens no symbolic link: `O_NOFOLLOW`. */
function openDirectory(parent: number, name: string): number | undefined {
  try {
    return openSync(pathOf(parent, name), openFlags);
  } catch (error) {
    if (vanished.includes(errorCode(error))) return undefined;
    throw error;
  }
}

/** Counts a directory and what is in it, but for its directories: those wait. */
function enter(walk: Walk, descriptor: number): void {
  const level = { descriptor, waiting: [] };
  walk.levels.push(level);
  const stats = fstatSync(descriptor);
  walk.device ??= stats.dev;
  // Another file system is mounted there.
  if (stats.dev !== walk.device) return leave(walk);
  if (walk.levels.length > walk.bounds.depth) return fail(walk, 'depth');
  count(walk, stats);
  list(walk, level);
}

function leave(walk: Walk): void {
  const level = walk.levels.pop();
  if (level !== undefined) closeSync(level.descriptor);
}

function list(walk: Walk, level: Level): void {
  const directory = opendirSync(`/proc/self/fd/${level.descriptor}`, { encoding: nameEncoding, bufferSize: namesAtOnce });
  try {
    for (let entry = directory.readSync(); entry !== null && walk.failure === undefined; entry = directory.readSync()) {
      look(walk, level, entry);
    }
  } catch (error) {
    // Its names cannot be read any more once it was removed. Any other directory is not known whole.
    if (fstatSync(level.descriptor).nlink > 0) throw error;
  } finally {
    directory.closeSync();
  }
}

function look(walk: Walk, level: Level, entry: Dirent): void {
  walk.entries += 1;
  if (walk.entries > walk.bounds.entries) return fail(walk, 'entries');
  if (walk.entries - walk.paced >= entriesPerLook) rest(walk);
  if (entry.isDirectory()) return wait(walk, level, entry.name);

  const path = pathOf(level.descriptor, entry.name);
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined || stats.dev !== walk.device) return;
  if (stats.isDirectory()) wait(walk, level, entry.name);
  else if (stats.nlink === 1 || isFirstName(walk, stats, path)) count(walk, stats);
}

function wait(walk: Walk, level: Level, name: string): void {
  walk.waitingBytes += name.length;
  if (walk.waitingBytes > walk.bounds.waitingBytes) return fail(walk, 'waitingBytes');
  level.waiting.push(name);
}

function rest(walk: Walk): void {
  const { clock, bounds, startedAt, entries, paced } = walk;
  walk.paced = entries;
  clock.pace(entries - paced);
  if (clock.now() - startedAt > bounds.milliseconds) fail(walk, 'milliseconds');
}

function isFirstName(walk: Walk, stats: Stats, path: PathLike): boolean {
  // Above 2^53 several inodes have the same number here.
  const inode = Number.isSafeInteger(stats.ino) ? stats.ino : lstatSync(path, { bigint: true, throwIfNoEntry: false })?.ino;
  if (inode === undefined || walk.hardLinks.has(inode)) return false;
  walk.hardLinks.add(inode);
  if (walk.hardLinks.size > walk.bounds.hardLinks) fail(walk, 'hardLinks');
  return true;
}

function count(walk: Walk, stats: Stats): void {
  walk.bytes += stats.blocks * blockBytes;
  walk.inodes += 1;
  if (stats.isSymbolicLink()) walk.symbolicLinks += 1;
}

function fail(walk: Walk, bound: keyof WalkBounds): void {
  walk.failure ??= bound;
}

function pathOf(parent: number, name: string): string | Buffer {
  const path = `/proc/self/fd/${parent}/${name}`;
  return isAscii(path) ? path : Buffer.from(path, nameEncoding);
}

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) if (text.charCodeAt(index) > 127) return false;
  return true;
}
