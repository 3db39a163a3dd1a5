import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { countLines, halve } from '../../../src/write/lines.ts';

test('a single line has no halves', () => {
  expect(halve(Buffer.from('one\n'))).toBeUndefined();
  expect(halve(Buffer.from('\n'))).toBeUndefined();
});

test('cuts near the middle, between two lines', () => {
  expect(halve(Buffer.from('a\nb\nc\nd\n'))?.map(String)).toEqual(['a\nb\n', 'c\nd\n']);
  expect(halve(Buffer.from(`${'long'.repeat(9)}\nb\n`))?.map(String)).toEqual([`${'long'.repeat(9)}\n`, 'b\n']);
  expect(halve(Buffer.from(`a\n${'long'.repeat(9)}\n`))?.map(String)).toEqual(['a\n', `${'long'.repeat(9)}\n`]);
});

test('both halves are whole lines and together the whole', () => {
  const line = fc.string({ unit: fc.constantFrom('a', 'é'), maxLength: 20 });
  fc.assert(
    fc.property(fc.array(line, { minLength: 2, maxLength: 20 }), (lines) => {
      const body = Buffer.from(lines.map((one) => `${one}\n`).join(''));
      const halves = halve(body) ?? [];
      expect(Buffer.concat(halves)).toEqual(body);
      expect(halves.map((half) => half.at(-1))).toEqual([0x0a, 0x0a]);
      expect(halves.map(countLines).reduce((sum, count) => sum + count, 0)).toBe(lines.length);
    }),
  );
});
