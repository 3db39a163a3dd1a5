import { deserialize, serialize } from 'node:v8';

/** Where a value lies in a chunk of memory beside the heap, in few bytes. */
export interface Packed {
  readonly chunk: Buffer;
  readonly start: number;
  readonly end: number;
}

export interface Packer<T> {
  pack(value: T): Packed;
  unpack(packed: Packed): T;
}

/** A buffer of its own for each value would cost about as much again. */
const chunkBytes = 64 * 1024;

/** Packs values that are let go about in the order in which they came: a chunk goes with the last that is in it. */
export function createPacker<T>(): Packer<T> {
  let chunk = Buffer.alloc(0);
  let free = 0;
  return {
    pack(value) {
      const bytes = serialize(value);
      if (free + bytes.length > chunk.length) {
        chunk = Buffer.allocUnsafeSlow(Math.max(chunkBytes, bytes.length));
        free = 0;
      }
      bytes.copy(chunk, free);
      const start = free;
      free += bytes.length;
      return { chunk, start, end: free };
    },
    // The chunk is this process's own: nothing else is ever in it.
    unpack: ({ chunk: from, start, end }): T => deserialize(from.subarray(start, end)),
  };
}
