/** Reads a kernel file whole into the one buffer that all files share. */
import { readSync } from 'node:fs';

const firstBytes = 64 * 1024;
/** What is longer is cut there, so that no file takes the memory: mountinfo with 1,000 overlays has 1.3 MB. */
export const mostBytes = 4 * 1024 * 1024;

/** Holds the file that was read last, until the next read: reads and parsers are synchronous and keep no view of it. */
export const readBuffer = { bytes: new Uint8Array(firstBytes) };

/**
 * Reads from the start and returns the length. The kernel makes most cgroup files (`single`) anew at each read, and hands
 * them over whole in one. Lists come page by page: `cgroup.procs`, `mountinfo`, `net/*`. They end at a read of 0.
 * Throws what read(2) throws.
 */
export function readWhole(descriptor: number, single: boolean): number {
  let end = 0;
  for (;;) {
    const { bytes } = readBuffer;
    const count = readSync(descriptor, bytes, end, bytes.length - end, end);
    end += count;
    if (count === 0) return end;
    if (end < bytes.length) {
      if (single) return end;
      continue;
    }
    if (end >= mostBytes) return end;
    readBuffer.bytes = new Uint8Array(bytes.length * 2);
    // The rest of a file made anew would not fit to its first part.
    if (single) end = 0;
    else readBuffer.bytes.set(bytes);
  }
}
