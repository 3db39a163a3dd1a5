/** What holds for every reader of a kernel file, whatever is in the file: absent is not zero, and nothing is invented. */
import { readdirSync, writeFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openKernelFile } from '../../../src/host/kernel-file.ts';
import { factOf, factsOf, type Leaf, leavesOf } from './facts.ts';
import { anyMutation, mutate, prepare } from './mutations.ts';
import { parseBytes, parseText, runs } from './parse-text.ts';
import type { Reader } from './reader.ts';
import { otherFunctions, readers } from './readers.ts';
import { createReading } from './reading.ts';

/** Of the mutations; CI may ask for more. */
const mutations = Math.max(10_000, runs);
const newline = 10;
const most = 2n ** 63n - 1n;

/** Lines that are none in any of the files. */
const garbageLine = fc.oneof(
  fc.constantFrom('', ' ', 'garbage', '\0', ':', '::', '-', '|', '=', '\t\t\t\t', 'x'.repeat(5000)),
  fc
    .array(fc.constantFrom('\u0001', 'é', '🐳', '|', '"'), { minLength: 1, maxLength: 40 })
    .map((characters) => characters.join('')),
);

/** Each of the values that is no number or word of the text. */
function inventedIn(
  all: readonly Leaf[],
  text: string,
  { factors = [1n], numbers, constants = [], sums = [] }: Reader,
): string[] {
  const leaves = all.filter(([path]) => !sums.some((field) => path.endsWith(`.${field}`)));
  if (leaves.length === 0) return [];
  const known = new Set(constants);
  for (const [digits] of text.matchAll(/[0-9]+/g)) for (const factor of factors) known.add(String(BigInt(digits) * factor));
  for (const number of numbers?.(text) ?? []) known.add(String(number));
  // A counter below 0 is an error of the kernel.
  if (text.includes('-')) known.add('0');
  const words = text.replaceAll(/\\([0-3][0-7]{2})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
  // Bytes that are no UTF-8 are one U+FFFD or several, depending on what stands around them.
  const isKnown = (leaf: unknown): boolean =>
    known.has(String(leaf)) ||
    (typeof leaf === 'string' && (text.includes(leaf) || words.includes(leaf) || leaf.includes('\uFFFD')));
  return leaves.filter(([, leaf]) => !isKnown(leaf)).map(factOf);
}

test('every function that src/host exports is one of these readers, or known to be none', async () => {
  const home = new URL('../../../src/host/', import.meta.url);
  const found = new Set<string>();
  for (const name of readdirSync(home)) {
    const module: unknown = await import(new URL(name, home).href);
    for (const [key, value] of Object.entries(Object(module))) if (typeof value === 'function') found.add(key);
  }
  const known = new Set([...readers.map(({ reader }) => reader), ...otherFunctions]);
  expect([...found].toSorted()).toEqual([...known].toSorted());
});

describe.each(readers)('$reader of $file', (reader) => {
  const { parser, text, garbage, header = 0, sums = [], needsAllLines = false, tornLine } = reader;
  const whole = parseText(parser, text);
  const facts = factsOf(whole.value);

  test('understands the whole file', () => {
    expect(whole.malformed).toEqual([]);
    expect(facts.size).toBeGreaterThan(0);
    expect(inventedIn(leavesOf(whole.value), text, reader)).toEqual([]);
  });

  test('a file that is missing is absent, one that is empty says nothing, and neither is a problem', () => {
    const { directory, options, problems } = createReading({ max: 0 });
    const file = openKernelFile({ ...options, directory }, { name: 'file', keep: false });
    expect(file.parse(parser)).toBeUndefined();
    writeFileSync(`${directory}/file`, '');
    const opened = openKernelFile({ ...options, directory }, { name: 'file', keep: false });
    expect(factsOf(opened.parse(parser), ['foreign'])).toEqual(new Set());
    expect(problems.counts).toEqual({ gone: 0, denied: 0, malformed: 0, slow: 0, object: 0, fault: 0 });
  });

  test('cut at each byte: each value is that of the whole file or absent, and a cut inside a line is reported', () => {
    const bytes = Buffer.from(text);
    for (let end = 0; end < bytes.length; end += 1) {
      const cut = parseBytes(parser, bytes.subarray(0, end));
      const inLine = end > 0 && bytes[end - 1] !== newline;
      const lastLine = bytes.subarray(0, end).toString().split('\n').at(-1) ?? '';
      const reported = inLine && tornLine?.test(lastLine) !== true;
      expect(cut.malformed, `cut after ${end}`).toEqual(reported ? [lastLine] : []);
      if (!inLine && needsAllLines) continue;
      const others = factsOf(cut.value, inLine ? ['foreign'] : sums).difference(facts);
      expect([...others], `cut after ${end}`).toEqual([]);
    }
  });

  test('any bytes, and the file with bytes or lines changed: nothing invented, and what was not touched is still there', () => {
    const prepared = prepare(reader);
    fc.assert(
      fc.property(anyMutation, fc.uint8Array({ maxLength: 8 }), (mutation, after) => {
        const { content, kept } = mutate(prepared, mutation);
        const leaves = leavesOf(parseBytes(parser, content).value);
        const said = new Set(leaves.map(factOf));
        const again = factsOf(parseBytes(parser, content, after).value);
        if (said.symmetricDifference(again).size > 0) throw new Error('read beyond the end');
        const others = leaves.filter((leaf) => !kept.has(factOf(leaf)));
        const invented = inventedIn(others, content.toString(), reader);
        if (invented.length > 0) throw new Error(`invented ${invented.join(', ')}`);
        const lost = kept.difference(said);
        if (lost.size > 0) throw new Error(`lost ${[...lost].join(', ')}`);
      }),
      { numRuns: mutations },
    );
  }, 60_000);

  test(`a line of garbage: ${garbage}`, () => {
    const lines = text.split('\n').slice(0, -1);
    const others = factsOf(whole.value, sums);
    fc.assert(
      fc.property(garbageLine, fc.integer({ min: header, max: lines.length }), (line, at) => {
        const content = `${lines.toSpliced(at, 0, line).join('\n')}\n`;
        const { value, malformed } = parseText(parser, content);
        const report = { 'costs all': [content], 'is reported': [line], 'is passed over': [] };
        expect([malformed, factsOf(value, sums)]).toEqual([report[garbage], garbage === 'costs all' ? new Set() : others]);
      }),
      { numRuns: runs },
    );
  }, 60_000);

  test('counters from 2^53 to 2^63 - 1 go through unchanged', () => {
    const numbers = [...text.matchAll(/[0-9]+/g)];
    function withNumber(index: number, count: bigint): readonly Leaf[] {
      const { 0: digits, index: at } = numbers[index] ?? { 0: '', index: 0 };
      return leavesOf(parseText(parser, `${text.slice(0, at)}${count}${text.slice(at + digits.length)}`).value);
    }
    const counters = numbers
      .keys()
      .flatMap((index) => {
        const exact = withNumber(index, most).find(([, leaf]) => typeof leaf === 'bigint' && leaf % most === 0n);
        return exact === undefined || facts.has(factOf(exact))
          ? []
          : [{ index, path: exact[0], factor: BigInt(exact[1]) / most }];
      })
      .toArray();
    expect(counters.length).toBe(reader.counters);
    if (counters.length === 0) return;
    fc.assert(
      fc.property(fc.constantFrom(...counters), fc.bigInt({ min: 2n ** 53n, max: most }), ({ index, path, factor }, count) => {
        const leaves = withNumber(index, count);
        const others = factsOf(whole.value).difference(new Set(leaves.map(factOf)));
        expect(leaves.find(([place]) => place === path)?.[1]).toBe(count * factor);
        expect([...others].filter((fact) => !fact.startsWith(`${path}=`))).toEqual([]);
      }),
      { numRuns: runs },
    );
  }, 60_000);
});
