import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { flatKeyed } from '../../../src/host/flat-keyed.ts';
import type { Parser } from '../../../src/host/parser.ts';
import type { Count } from '../../../src/model.ts';
import { parseText, runs } from './parse-text.ts';

const keys = ['anon', 'file', 'pgfault'] as const;

/** The values by the keys that they were asked for by. */
function parseWith(parser: Parser<readonly (Count | undefined)[]>, text: string) {
  const { value, malformed } = parseText(parser, text);
  expect(value).toHaveLength(keys.length);
  return { value: Object.fromEntries(keys.map((key, index) => [key, value[index]])), malformed };
}

function parse(text: string) {
  return parseWith(flatKeyed(keys), text);
}

describe('flatKeyed', () => {
  test('takes the wanted keys in any order, between unknown ones', () => {
    expect(parse('file 2\nnew_key 7\nanon 1\nanon_thp 5\nan 6\npgfault 3\n')).toEqual({
      value: { file: 2, anon: 1, pgfault: 3 },
      malformed: [],
    });
  });

  test('the values come in the order in which their keys were asked for', () => {
    const text = 'pgfault 3\nfile 2\nanon 1\n';
    expect(parseText(flatKeyed(['anon', 'file', 'pgfault']), text).value).toEqual([1, 2, 3]);
    expect(parseText(flatKeyed(['file', 'none', 'anon']), text).value).toEqual([2, undefined, 1]);
    expect(parseText(flatKeyed([]), text)).toEqual({ value: [], malformed: [] });
  });

  test('a key that the kernel does not have is absent, a 0 is a 0', () => {
    expect(parse('anon 0\n')).toEqual({ value: { anon: 0 }, malformed: [] });
  });

  test('of a key that comes twice the first value that was understood counts', () => {
    expect(parse('anon x\nanon 1\nanon 2\n')).toEqual({ value: { anon: 1 }, malformed: ['anon x'] });
  });

  test('a value that fell below 0 through an error of the kernel is 0', () => {
    expect(parse('anon -4096\nfile -\npgfault --1\n')).toEqual({ value: { anon: 0 }, malformed: ['file -', 'pgfault --1'] });
  });

  test('values above 2^53 are exact, above 2^64 malformed', () => {
    expect(parse('anon 18446744073709551615\nfile 18446744073709551616\n')).toEqual({
      value: { anon: 18446744073709551615n },
      malformed: ['file 18446744073709551616'],
    });
  });

  test.each([
    'anon',
    'anon ',
    'anon  1',
    'anon 1 ',
    'anon\t1',
    'anon 1.5',
    'anon max',
    'anon 0x1',
    ' anon 1',
    '',
    'garbage',
    'key ',
  ])('the line %j is reported and costs only itself', (line) => {
    expect(parse(`file 2\n${line}\npgfault 3\n`)).toEqual({ value: { file: 2, pgfault: 3 }, malformed: [line] });
  });

  test('a last line that was cut is reported and not taken for a value', () => {
    expect(parse('file 2\nanon 12')).toEqual({ value: { file: 2 }, malformed: ['anon 12'] });
  });

  test('an unknown key may have a value of any form', () => {
    expect(parse('anon 1\nnew max\nother 1 2 3\n')).toEqual({ value: { anon: 1 }, malformed: [] });
  });

  test('a key of 255 bytes is a key, of 256 bytes malformed', () => {
    const long = 'k'.repeat(256);
    expect(parse(`${long.slice(1)} 1\n${long} 2\nanon 3\n`)).toEqual({ value: { anon: 3 }, malformed: [`${long} 2`] });
  });
});

/** The same said in another way: lines and spaces, without anything learned. */
function slow(text: string) {
  const value: Partial<Record<string, number | bigint>> = {};
  const malformed: string[] = [];
  const lines = text.split('\n');
  const rest = lines.pop();
  for (const line of lines) {
    const blank = line.indexOf(' ');
    const key = line.slice(0, blank);
    const content = line.slice(blank + 1);
    const wanted = keys.some((name) => name === key);
    if (blank < 1 || content === '' || (wanted && !/^-?[0-9]{1,20}$/.test(content))) malformed.push(line);
    else if (wanted) value[key] ??= content.startsWith('-') ? 0 : Number(content);
  }
  if (rest !== undefined && rest !== '') malformed.push(rest);
  return { value, malformed };
}

const anyKey = fc.constantFrom('anon', 'anon_thp', 'ano', 'file', 'file_thp', 'pgfault', 'pgmajfault', 'sock', 'k'.repeat(60));
const anyValue = fc.oneof(
  fc.integer({ min: 0, max: 999_999_999_999 }).map(String),
  fc.constantFrom('0', '-3', 'x', '', '1 2', '12345678901234567890x', 'max'),
);
const anyLine = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(anyKey, anyValue).map(([key, value]) => `${key} ${value}`) },
  { weight: 1, arbitrary: fc.constantFrom('', ' ', 'anon', 'sock', ' 1', 'anon\u00001', 'é 5') },
);
const anyFile = fc
  .tuple(fc.array(anyLine, { maxLength: 12 }), fc.constantFrom('\n', '\n', '\n', ''))
  .map(([lines, last]) => lines.join('\n') + last);
/** A few files that come again and again, as those of the cgroups of one kernel do. */
const anySequence = fc
  .array(anyFile, { minLength: 1, maxLength: 4 })
  .chain((files) => fc.array(fc.constantFrom(...files), { minLength: 1, maxLength: 12 }));

describe('what was parsed before', () => {
  test('never changes a result: any sequence of files gives what fresh parsers and a slow one give', () => {
    fc.assert(
      fc.property(anySequence, (files) => {
        const learning = flatKeyed(keys);
        for (const file of files) {
          const parsed = parseWith(learning, file);
          expect(parsed).toEqual(parse(file));
          expect(parsed).toEqual(slow(file));
        }
      }),
      { numRuns: runs },
    );
  }, 60_000);

  test('is bounded: more keys and lines than can be remembered are parsed all the same', () => {
    const learning = flatKeyed(keys);
    for (let round = 0; round < 3; round += 1) {
      const others = Array.from({ length: 1000 }, (_, index) => `key_${round}_${index} ${index}\n`).join('');
      expect(parseWith(learning, `anon ${round}\n${others}file 2\n`)).toEqual({
        value: { anon: round, file: 2 },
        malformed: [],
      });
      expect(parseWith(learning, `${others}pgfault 3\nanon_x 9\nanon 1\n`)).toEqual({
        value: { pgfault: 3, anon: 1 },
        malformed: [],
      });
    }
  });

  test('is forgotten when it is too much, and no guess is made at what is left of it', () => {
    const learning = flatKeyed(['00']);
    const all = Array.from({ length: 255 }, (_, index) => `k${100 + index} 1\n`).join('');
    expect(parseText(learning, all)).toEqual({ value: [undefined], malformed: [] });
    expect(parseText(learning, 'x 1\n00 k101 3\n')).toEqual({ value: [undefined], malformed: ['00 k101 3'] });
  });
});
