import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { compress, release } from './compress.ts';
import { countLines, halve } from './lines.ts';

const expand = promisify(gunzip);

/** One request's worth of points that waits for its target. */
export interface Entry {
  /** Once `ready`: gzip'd if the target wants that, so that sending again costs no CPU. */
  body: Buffer;
  readonly points: number;
  /** Resolves when the body can be sent; rejects when there was no memory to compress it. */
  readonly ready: Promise<void>;
  /** Answers to it that may have been its own fault. */
  suspicions: number;
  /** How many batches the target had taken when this one was last put back. */
  takenBefore: number;
}

/** Called when the body was replaced by its compressed form, with the bytes that it grew by. */
type Resized = (entry: Entry, bytes: number) => void;

export function createEntry(body: Buffer, points: number, gzipped: boolean, resized: Resized): Entry {
  const entry = { body, points, ready: Promise.resolve(), suspicions: 0, takenBefore: 0 };
  if (!gzipped) return entry;
  entry.ready = shrink(entry, resized);
  // Whoever sends it sees the failure; until then nobody listens, which Node takes for a fault of the program.
  entry.ready.catch(() => {});
  return entry;
}

/** Once, so that sending it again costs no CPU, and the queue holds ten times as many. */
async function shrink(entry: Entry, resized: Resized): Promise<void> {
  const plain = entry.body;
  entry.body = await compress(plain);
  const growth = entry.body.length - plain.length;
  release(plain);
  resized(entry, growth);
}

/** The lines of an entry in two halves, plain, in their order; absent when it is but one line, which `text` then is. */
export interface Split {
  readonly text: Buffer;
  readonly halves?: readonly [body: Buffer, points: number][];
}

export async function splitEntry(entry: Entry, gzipped: boolean): Promise<Split> {
  const text = gzipped ? await expand(entry.body) : entry.body;
  const halves = halve(text);
  if (halves === undefined) return { text };
  const points = countLines(halves[0]);
  return {
    text,
    halves: [
      [halves[0], points],
      [halves[1], entry.points - points],
    ],
  };
}
