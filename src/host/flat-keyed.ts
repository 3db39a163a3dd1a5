/** Flat keyed files: one `key value` a line. Documentation/admin-guide/cgroup-v2.rst, "Format". */
import type { Count } from '../model.ts';
import { parseCount } from './count.ts';
import { encode, find, newline, space } from './lines.ts';
import type { Parser } from './parser.ts';

const minus = 45;
const none = -1;
/** No key of the kernel comes near this; a line with a longer one is malformed. */
const longestKey = 255;
/** Bounds of what is learned, whatever a file holds: memory.stat has 70 keys of 1,200 bytes together. */
const mostKeys = 256;
const mostBytes = 8192;
const mostLines = 256;

/**
 * A parser that takes the values of the wanted keys, in their order, out of a flat keyed file: in whatever order they come there
 * and whatever stands between them. Of a key that comes twice the first value that was understood counts. A negative value is 0: the counters of
 * memory.stat fall below 0 through errors of the kernel. Reported are a value of a wanted key that is no count, and a
 * line that is no `key value`.
 *
 * It remembers which key stood on which line of the last file, because all cgroups of one kernel print the same keys. That
 * is only a guess where to look first: a key is known by all its bytes, so that no earlier file changes a result.
 */
export function flatKeyed(keys: readonly string[]): Parser<(Count | undefined)[]> {
  /** Keys with the space after them, one after the other; those that are wanted come first. Key `id` ends at `ends[id + 1]`. */
  const known = new Uint8Array(mostBytes);
  const ends = new Int32Array(mostKeys + 1);
  /** The key to try first on each line. */
  const guesses = new Int32Array(mostLines);
  let count = 0;
  /** A copy is made at once; an array that grows is made again and again. */
  const blank: readonly (Count | undefined)[] = keys.map(() => undefined);
  for (const key of keys) learn(encode(`${key} `));

  function learn(key: Uint8Array): number {
    const from = ends[count] ?? 0;
    known.set(key, from);
    ends[count + 1] = from + key.length;
    count += 1;
    return count - 1;
  }

  function isKey(id: number, bytes: Uint8Array, start: number, end: number): boolean {
    const from = ends[id] ?? 0;
    const length = (ends[id + 1] ?? 0) - from;
    // A guess may be of a key that was forgotten, whose place others take.
    if (id >= count || end - start < length) return false;
    for (let index = 0; index < length; index += 1) {
      if (bytes[start + index] !== known[from + index]) return false;
    }
    return true;
  }

  /** Which key the line has, which is learned if it is new; `none` where the line has no key. */
  function lookUp(bytes: Uint8Array, start: number, end: number): number {
    const lineEnd = find(bytes, newline, start, Math.min(end, start + longestKey + 1));
    const keyEnd = find(bytes, space, start, lineEnd);
    if (keyEnd === start || keyEnd === lineEnd) return none;
    for (let id = 0; id < count; id += 1) if (isKey(id, bytes, start, keyEnd + 1)) return id;
    const full = count === mostKeys || (ends[count] ?? 0) + longestKey + 1 > mostBytes;
    if (full) count = keys.length;
    return learn(bytes.subarray(start, keyEnd + 1));
  }

  return function parseFlatKeyed(bytes, end, malformed) {
    const values = blank.slice();
    let start = 0;
    for (let line = 0; start < end; line = (line + 1) % mostLines) {
      let id = guesses[line] ?? 0;
      if (!isKey(id, bytes, start, end)) {
        id = lookUp(bytes, start, end);
        if (id !== none) guesses[line] = id;
      }
      const from = id === none ? start : start + (ends[id + 1] ?? 0) - (ends[id] ?? 0);
      const stop = find(bytes, newline, from, end);
      if (id === none || stop === from || stop === end) malformed(start, stop);
      else if (id < keys.length) {
        const value = parseSigned(bytes, from, stop);
        if (value === undefined) malformed(start, stop);
        else values[id] ??= value;
      }
      start = stop + 1;
    }
    return values;
  };
}

function parseSigned(bytes: Uint8Array, start: number, end: number): Count | undefined {
  if (bytes[start] !== minus) return parseCount(bytes, start, end);
  return parseCount(bytes, start + 1, end) === undefined ? undefined : 0;
}
