/** What the thread that walks is asked, and what it answers. Runs in that thread: file systems of any kind may be slow here. */
import { closeSync, openSync, opendirSync, statfsSync } from 'node:fs';
import { errorCode } from '../host/failures.ts';
import { parseMountinfo } from '../host/mountinfo.ts';
import { readBuffer, readWhole } from '../host/read-whole.ts';
import { upperDirectoryOf } from './upper-directory.ts';
import { openOnHost } from './walk-open.ts';
import { walkTree } from './walk.ts';
import type { WalkBounds, WalkClock, WalkedTree, WalkFailure } from './walk.ts';

export interface WalkRequest {
  /** `tree`: what all below the directory takes. `names`: the directories in it. `size`: its file system alone. */
  readonly want: 'tree' | 'names' | 'size';
  /** A directory on the host: its path, or the pid of a process whose root's writable layer it is. */
  readonly of: string | number;
}

/** statfs(2) of a whole file system. */
export interface FileSystemSize {
  readonly capacityBytes: number;
  readonly availableBytes: number;
  readonly freeBytes: number;
  /** 0 where the file system has no fixed number of them: btrfs. */
  readonly inodes: number;
  readonly inodesFree: number;
  readonly inMemory: boolean;
}

export interface WalkAnswer {
  readonly size: FileSystemSize;
  /** For `tree`. */
  readonly tree?: WalkedTree;
  /** For `names`. */
  readonly names?: readonly string[];
}

export interface WalkPlace {
  readonly procRoot: string;
  /** Where the host's root is seen. */
  readonly hostRoot: string;
  readonly bounds: WalkBounds;
  readonly clock: WalkClock;
}

const mostNames = 1000;

/** The magic numbers of file systems behind which there is a server that may not answer, or a process: statfs(2). */
const remote: ReadonlySet<number> = new Set([
  0x6969, // NFS
  0xff534d42, // CIFS
  0xfe534d42, // SMB 2
  0x517b, // SMB
  0x65735546, // FUSE
  0x00c36400, // Ceph
  0x01021997, // 9P
  0x5346414f, // AFS
  0x6b414653, // kAFS
  0x0bd00bd0, // Lustre
  0x47504653, // GPFS
]);
const tmpfs = 0x01021994;

/** Never throws for anything that is on the host. */
export function answer({ want, of }: WalkRequest, { procRoot, hostRoot, bounds, clock }: WalkPlace): WalkAnswer | WalkFailure {
  let descriptor: number | undefined;
  try {
    const path = typeof of === 'string' ? of : layerOf(`${procRoot}/${of}/mountinfo`);
    if (path === undefined) return { failure: 'none' };
    descriptor = openOnHost(hostRoot, path);
    const { type, bsize, blocks, bfree, bavail, files, ffree } = statfsSync(`/proc/self/fd/${descriptor}`);
    if (remote.has(type)) return { failure: 'remote' };
    const size = {
      capacityBytes: blocks * bsize,
      availableBytes: bavail * bsize,
      freeBytes: bfree * bsize,
      inodes: files,
      inodesFree: ffree,
      inMemory: type === tmpfs,
    };
    if (want === 'size') return { size };
    if (want === 'names') return { size, names: namesIn(descriptor) };
    const walked = walkTree(descriptor, bounds, clock);
    // It closes what it walks.
    descriptor = undefined;
    return 'failure' in walked ? walked : { size, tree: walked };
  } catch (error) {
    return { failure: errorCode(error) };
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function namesIn(descriptor: number): readonly string[] {
  const names: string[] = [];
  const directory = opendirSync(`/proc/self/fd/${descriptor}`);
  try {
    for (let entry = directory.readSync(); entry !== null && names.length < mostNames; entry = directory.readSync()) {
      if (entry.isDirectory()) names.push(entry.name);
    }
  } finally {
    directory.closeSync();
  }
  return names;
}

function layerOf(mountinfo: string): string | undefined {
  const descriptor = openSync(mountinfo, 'r');
  try {
    const end = readWhole(descriptor, false);
    return upperDirectoryOf(parseMountinfo(readBuffer.bytes, end, ignore));
  } finally {
    closeSync(descriptor);
  }
}

/** A line that is not understood costs only itself. If it was the root's, there is no layer. */
function ignore(): void {
  // Nothing to do.
}
