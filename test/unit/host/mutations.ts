/** What may happen to a file: lines come twice, are lost or swapped, bytes are put in or cut, or nothing is as it was. */
import * as fc from 'fast-check';
import { factsOf } from './facts.ts';
import { parseBytes, parseText } from './parse-text.ts';
import type { Reader } from './reader.ts';

export interface Prepared {
  readonly reader: Reader;
  readonly bytes: Buffer;
  readonly lines: readonly string[];
  /** Words and what stands between them. */
  readonly tokens: readonly string[];
  readonly facts: ReadonlySet<string>;
  /** Those that are left without certain lines, as far as that was asked before. */
  readonly kept: Map<string, ReadonlySet<string>>;
}

export interface Mutated {
  readonly content: Buffer;
  /** The facts of the lines that were not touched. */
  readonly kept: ReadonlySet<string>;
}

type Mutation =
  | { readonly kind: 'garbage'; readonly bytes: Uint8Array }
  | { readonly kind: 'tokens'; readonly order: readonly number[] }
  | { readonly kind: 'splice'; readonly at: number; readonly gone: number; readonly bytes: Uint8Array }
  | { readonly kind: 'twice' | 'lost' | 'swapped'; readonly first: number; readonly second: number };

const place = fc.nat(1_000_000);

export const anyMutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.record({ kind: fc.constant('garbage'), bytes: fc.uint8Array({ maxLength: 200 }) }),
  fc.record({ kind: fc.constant('tokens'), order: fc.array(place, { maxLength: 40 }) }),
  fc.record({ kind: fc.constant('splice'), at: place, gone: fc.nat(20), bytes: fc.uint8Array({ maxLength: 20 }) }),
  fc.record({ kind: fc.constantFrom('twice', 'lost', 'swapped'), first: place, second: place }),
);

export function prepare(reader: Reader): Prepared {
  const { text, parser, sums } = reader;
  const lines = text.split('\n').slice(0, -1);
  const facts = factsOf(parseText(parser, text).value, sums);
  return { reader, bytes: Buffer.from(text), lines, tokens: text.split(/(\s+|[:=./])/), facts, kept: new Map() };
}

export function mutate(prepared: Prepared, mutation: Mutation): Mutated {
  const { bytes, tokens } = prepared;
  if (mutation.kind === 'garbage') return { content: Buffer.from(mutation.bytes), kept: new Set() };
  if (mutation.kind === 'tokens') {
    const words = mutation.order.map((index) => tokens[index % tokens.length] ?? '');
    return { content: Buffer.from(`${words.join('')}\n`), kept: new Set() };
  }
  if (mutation.kind !== 'splice') return mutateLines(prepared, mutation);
  const at = mutation.at % (bytes.length + 1);
  const stop = Math.min(at + mutation.gone, bytes.length);
  const content = Buffer.concat([bytes.subarray(0, at), mutation.bytes, bytes.subarray(stop)]);
  if (prepared.reader.picksLine === true) return { content, kept: new Set() };
  const [first, last] = [lineAt(bytes, at), lineAt(bytes, stop)];
  const touched = Array.from({ length: last - first + 1 }, (_, line) => first + line);
  return { content, kept: keptWithout(prepared, ...touched) };
}

function mutateLines(prepared: Prepared, { kind, ...places }: Mutation & { kind: 'twice' | 'lost' | 'swapped' }): Mutated {
  const { lines, reader } = prepared;
  const { header = 0 } = reader;
  const first = places.first % lines.length;
  const second = places.second % lines.length;
  const [one = '', other = ''] = [lines[first], lines[second]];
  if (kind === 'twice') {
    const at = Math.max(second, header);
    return { content: join(lines.toSpliced(at, 0, one)), kept: keptWithout(prepared) };
  }
  if (kind === 'lost') {
    return { content: join(lines.toSpliced(first, 1)), kept: keptWithout(prepared, first) };
  }
  const swapped = lines.with(first, other).with(second, one);
  return { content: join(swapped), kept: keptWithout(prepared, first, second) };
}

/** What the file says without those lines, unless one more line costs all of it. */
function keptWithout({ reader, lines, facts, kept }: Prepared, ...touched: readonly number[]): ReadonlySet<string> {
  if (reader.garbage === 'costs all') return new Set();
  const key = touched.join();
  let rest = kept.get(key);
  if (rest === undefined) {
    const content = join(lines.filter((_, line) => !touched.includes(line)));
    kept.set(key, (rest = facts.intersection(factsOf(parseBytes(reader.parser, content).value, reader.sums))));
  }
  return rest;
}

/** The line that the byte is in; one beyond the last at the end of the file. */
function lineAt(bytes: Buffer, at: number): number {
  let line = 0;
  for (let index = bytes.indexOf('\n'); index !== -1 && index < at; index = bytes.indexOf('\n', index + 1)) line += 1;
  return line;
}

function join(lines: readonly string[]): Buffer {
  return Buffer.from(lines.map((line) => `${line}\n`).join(''));
}
