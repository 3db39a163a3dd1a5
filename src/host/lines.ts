/** Lines and fields of a kernel file, by their bounds in its bytes. */
import type { Malformed } from './parser.ts';

export const newline = 10;
export const space = 32;
const tab = 9;

const encoder = new TextEncoder();
/** A byte order mark is kept: it is part of a name like any other bytes. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Longer texts are decoded by the platform, which then costs less than adding up characters. */
const shortText = 24;

/**
 * Calls `parseLine` with the bounds of each line, without its newline, and reports those for which it returns false. A last
 * line without a newline was cut: it is reported and not parsed.
 */
export function forEachLine(
  bytes: Uint8Array,
  end: number,
  malformed: Malformed,
  parseLine: (start: number, end: number, index: number) => boolean,
): void {
  let start = 0;
  for (let index = 0; start < end; index += 1) {
    const stop = find(bytes, newline, start, end);
    if (stop === end || !parseLine(start, stop, index)) malformed(start, stop);
    start = stop + 1;
  }
}

/** The first place of `byte`, or `end`. */
export function find(bytes: Uint8Array, byte: number, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at] !== byte) at += 1;
  return at;
}

export function startsWith(bytes: Uint8Array, start: number, end: number, prefix: Uint8Array): boolean {
  const { length } = prefix;
  if (end - start < length) return false;
  for (let index = 0; index < length; index += 1) {
    if (bytes[start + index] !== prefix[index]) return false;
  }
  return true;
}

export function encode(string: string): Uint8Array {
  return encoder.encode(string);
}

/** UTF-8 to text. Bytes that are not UTF-8, which names may hold, become U+FFFD. */
export function text(bytes: Uint8Array, start: number, end: number): string {
  if (end - start > shortText) return decoder.decode(bytes.subarray(start, end));
  let result = '';
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte >= 128) return decoder.decode(bytes.subarray(start, end));
    result += String.fromCharCode(byte);
  }
  return result;
}

/** The bounds of the fields of one line. It is filled again for each line, so that splitting a line allocates nothing. */
export interface FieldBounds {
  /** Splits at runs of spaces and tabs, and returns how many fields there are: those beyond the most are left out. */
  split(bytes: Uint8Array, start: number, end: number): number;
  start(field: number): number;
  end(field: number): number;
}

export function createFieldBounds(most: number): FieldBounds {
  const starts = new Int32Array(most);
  const ends = new Int32Array(most);
  return {
    split(bytes, start, end) {
      let at = start;
      for (let field = 0; field < most; field += 1) {
        while (at < end && isBlank(bytes[at])) at += 1;
        if (at === end) return field;
        starts[field] = at;
        while (at < end && !isBlank(bytes[at])) at += 1;
        ends[field] = at;
      }
      return most;
    },
    start: (field) => starts[field] ?? 0,
    end: (field) => ends[field] ?? 0,
  };
}

function isBlank(byte: number | undefined): boolean {
  return byte === space || byte === tab;
}
