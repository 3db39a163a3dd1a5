import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { sendIrrevocably } from './irrevocable.ts';
import type { Outcome, Target } from './target.ts';

/** Non-blocking, since opening a FIFO that nobody reads would hold a thread of Node's for ever. */
const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK;
const mode = 0o644;

/**
 * Appends lines to a file. It is opened for each batch, so that one that was rotated away or removed is left alone and a new
 * one begun. A batch that did not fit whole is taken back and waits: no line is torn, none is written twice. A disk that does not answer
 * holds up nobody who aborts.
 */
export function createFileTarget(path: string): Target {
  async function write(body: Buffer): Promise<Outcome> {
    try {
      await using file = await open(path, flags, mode);
      await append(file, body);
      return { kind: 'taken', rejected: 0 };
    } catch (error) {
      return { kind: 'wait', reason: error instanceof Error ? error.message : String(error) };
    }
  }
  return { gzip: false, send: sendIrrevocably(write) };
}

async function append(file: FileHandle, body: Buffer): Promise<void> {
  const before = await file.stat();
  try {
    await file.appendFile(body);
  } catch (error) {
    if (before.isFile()) await file.truncate(before.size);
    throw error;
  }
}
