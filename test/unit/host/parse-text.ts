/** Runs a parser on a text, as if a longer file had been in the shared buffer before. */
import type { Parser } from '../../../src/host/parser.ts';

export interface Parsed<T> {
  readonly value: T;
  /** The lines that were reported. */
  readonly malformed: readonly string[];
}

const stale: Uint8Array = new TextEncoder().encode('9\nanon 9\n eth9: 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9\n9) S 9 9\n');

export function parseText<T>(parser: Parser<T>, text: string): Parsed<T> {
  return parseBytes(parser, Buffer.from(text));
}

/** `after` is what an earlier, longer file left behind. */
export function parseBytes<T>(parser: Parser<T>, content: Uint8Array, after: Uint8Array = stale): Parsed<T> {
  const bytes = Buffer.concat([content, after]);
  const malformed: string[] = [];
  const value = parser(bytes, content.length, (start, end) => {
    if (!(start >= 0 && start <= end && end <= content.length))
      throw new Error(`reported ${start} to ${end} of ${content.length}`);
    malformed.push(Buffer.from(bytes.subarray(start, end)).toString());
  });
  return { value, malformed };
}

/** How many cases a property is tried on: CI sets more. */
export const runs = Number(process.env['PODGAUGE_PROPERTY_RUNS'] ?? 1000);
