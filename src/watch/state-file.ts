import { constants } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';

/** Nothing is followed or waited for: a link or a FIFO in the file's place is refused. */
const readFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY;
const writeFlags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
/** What is known of the pods is nobody else's. */
const mode = 0o600;

/** Reads a file whole; `undefined` where there is none. Throws where it is no plain file, or larger than `most` bytes. */
export async function readStateFile(path: string, most: number): Promise<Buffer | undefined> {
  const file = await openIfThere(path);
  if (file === undefined) return undefined;
  await using opened = file;
  const status = await opened.stat();
  if (!status.isFile()) throw new Error('it is no plain file');
  if (status.size > most) throw new Error(`it is larger than ${most} bytes`);
  const bytes = Buffer.alloc(status.size);
  let end = 0;
  while (end < bytes.length) {
    const { bytesRead } = await opened.read(bytes, end, bytes.length - end, end);
    if (bytesRead === 0) break;
    end += bytesRead;
  }
  return bytes.subarray(0, end);
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, readFlags);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Puts a new file in the place of an old one: whoever reads it, after whatever end of this process, finds one of the two whole. */
export async function replaceStateFile(path: string, bytes: Buffer): Promise<void> {
  const temporary = `${path}.new`;
  // Left by a run that was killed while it wrote.
  await rm(temporary, { force: true });
  {
    await using file = await open(temporary, writeFlags, mode);
    await file.writeFile(bytes);
    await file.sync();
  }
  await rename(temporary, path);
}
