import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonLines } from '../../../src/watch/json-lines.ts';

async function* inChunks(source: Buffer, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (const size of sizes) {
    yield source.subarray(at, at + size);
    at += size;
  }
  yield source.subarray(at);
}

function lines(source: string, sizes: readonly number[] = [], limit = 1000): Promise<(string | undefined)[]> {
  return Array.fromAsync(jsonLines(inChunks(Buffer.from(source), sizes), limit));
}

test('lines come without their newline, empty ones not at all', async () => {
  expect(await lines('{"a":1}\n\n{"b":2}\n')).toEqual(['{"a":1}', '{"b":2}']);
});

test('a character cut in two by a chunk is whole', async () => {
  expect(await lines('"é🚀"\n', [2, 1, 2])).toEqual(['"é🚀"']);
});

test('what follows the last newline is dropped', async () => {
  expect(await lines('{"a":1}\n{"type":"MODI')).toEqual(['{"a":1}']);
});

test('a line over the limit is undefined, the next one is whole again', async () => {
  expect(await lines('1234\n12345\n123456789\n1\n', [7, 3], 4)).toEqual(['1234', undefined, undefined, '1']);
});

test('any chunking gives the same lines', async () => {
  const source = fc.array(fc.string({ unit: 'grapheme', maxLength: 12 })).map((parts) => parts.join('\n'));
  await fc.assert(
    fc.asyncProperty(source, fc.array(fc.nat(9)), async (text, sizes) => {
      const whole = text.split('\n').slice(0, -1);
      const expected = whole.filter((line) => line !== '').map((line) => (Buffer.byteLength(line) > 8 ? undefined : line));
      expect(await lines(text, sizes, 8)).toEqual(expected);
    }),
  );
});
