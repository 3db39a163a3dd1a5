/** Takes a list apart while it arrives, so that a node full of large pods never stands in memory as a whole. */

export interface ListSplitter {
  push(chunk: Uint8Array): void;
  /** The list's own JSON, its array of items left empty. Worth parsing when all chunks were pushed. */
  envelope(): string;
}

const quote = 0x22;
const comma = 0x2c;
const backslash = 0x5c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

const envelopeLimit = 1_048_576;

/**
 * Calls `onItem` with the JSON of each element of the top-level array `name`, with `undefined` for one of more than
 * `itemLimit` bytes. What is no JSON gives an envelope, or items, that are no JSON either.
 */
export function createListSplitter(
  itemLimit: number,
  onItem: (item: string | undefined) => void,
  name: 'items' | 'pods' = 'items',
): ListSplitter {
  const envelope = createSink(envelopeLimit);
  const item = createSink(itemLimit);
  // `between`: inside the array of items, outside any item.
  let place: 'envelope' | 'between' | 'item' = 'envelope';
  /** Where in this chunk that began which belongs to `place`. */
  let start = 0;
  let depth = 0;
  let inString = false;
  let escaped = false;
  let key = '';

  /** Reads on in a string; returns where it ends, or the chunk does. Most of a list is strings, so it looks at few of their bytes. */
  function readString(chunk: Uint8Array, at: number): number {
    let from = at;
    for (;;) {
      const found = chunk.indexOf(quote, from);
      const end = found < 0 ? chunk.length : found;
      let backslashes = 0;
      while (end - backslashes > from && chunk[end - backslashes - 1] === backslash) backslashes += 1;
      // A backslash that ended the chunk before takes the first byte of this one.
      if (escaped && end - backslashes === from) backslashes += 1;
      escaped = backslashes % 2 === 1;
      if (depth === 1 && key.length < 8) key += Buffer.from(chunk.subarray(from, Math.min(end, from + 8))).toString('latin1');
      if (found < 0) return end;
      if (!escaped) {
        inString = false;
        return end;
      }
      escaped = false;
      from = end + 1;
    }
  }

  function startString(): void {
    inString = true;
    if (depth === 1) key = '';
  }

  function endItem(chunk: Uint8Array, end: number): void {
    item.add(chunk, start, end);
    onItem(item.take());
    place = 'between';
  }

  function leaveBetween(byte: number, at: number): void {
    start = at;
    place = byte === closeBracket ? 'envelope' : 'item';
  }

  function goDown(chunk: Uint8Array, at: number, byte: number): void {
    depth += 1;
    if (place !== 'envelope' || depth !== 2 || byte !== openBracket || key !== name) return;
    envelope.add(chunk, start, at + 1);
    place = 'between';
  }

  function goUp(chunk: Uint8Array, at: number): void {
    depth -= 1;
    if (place === 'item' && depth === 2) endItem(chunk, at + 1);
  }

  function readOutsideStrings(chunk: Uint8Array, at: number, byte: number): void {
    const separates = byte === comma || byte <= 0x20;
    // An item that is neither object nor array ends before what follows it.
    if (place === 'item' && depth === 2 && (separates || byte === closeBracket)) endItem(chunk, at);
    if (place === 'between') {
      if (separates) return;
      leaveBetween(byte, at);
    }
    if (byte === quote) startString();
    else if (byte === openBrace || byte === openBracket) goDown(chunk, at, byte);
    else if (byte === closeBrace || byte === closeBracket) goUp(chunk, at);
  }

  return {
    push(chunk) {
      start = 0;
      for (let at = 0; at < chunk.length; at += 1) {
        if (inString) at = readString(chunk, at);
        else readOutsideStrings(chunk, at, chunk[at] ?? 0);
      }
      if (place === 'envelope') envelope.add(chunk, start, chunk.length);
      else if (place === 'item') item.add(chunk, start, chunk.length);
    },
    envelope() {
      return envelope.take() ?? '';
    },
  };
}

interface Sink {
  add(chunk: Uint8Array, start: number, end: number): void;
  /** What was added, or `undefined` if it was more than the limit; empties the sink. */
  take(): string | undefined;
}

function createSink(limit: number): Sink {
  let parts: Uint8Array[] = [];
  let size = 0;
  return {
    add(chunk, start, end) {
      size += end - start;
      if (size > limit) parts = [];
      else parts.push(chunk.subarray(start, end));
    },
    take() {
      const whole = size > limit ? undefined : Buffer.concat(parts, size).toString();
      parts = [];
      size = 0;
      return whole;
    },
  };
}
