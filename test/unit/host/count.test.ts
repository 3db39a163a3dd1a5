import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { difference, isUnlimited, parseCount, scale, subtractFloorZero } from '../../../src/host/count.ts';
import { runs } from './parse-text.ts';

function parse(text: string) {
  const bytes = Buffer.from(`7${text}7`);
  return parseCount(bytes, 1, bytes.length - 1);
}

const anyCount = fc
  .bigInt({ min: 0n, max: 2n ** 64n - 1n })
  .map((value) => (value <= Number.MAX_SAFE_INTEGER ? Number(value) : value));

describe('parseCount', () => {
  test.each([
    ['0', 0],
    ['7', 7],
    ['999999999999999', 999999999999999],
    ['9007199254740991', 9007199254740991],
    ['9007199254740992', 9007199254740992n],
    ['9007199254740993', 9007199254740993n],
    ['9223372036854771712', 9223372036854771712n],
    ['18446744073709551615', 18446744073709551615n],
    ['00000000000000000012', 12],
  ])('%s is exact', (text, count) => {
    expect(parse(text)).toBe(count);
  });

  test.each([
    '',
    '-1',
    '+1',
    ' 1',
    '1 ',
    '1.5',
    '1e3',
    '0x10',
    'max',
    '١',
    '18446744073709551616',
    '000000000000000000000',
    '12345678901234567x',
    'x2345678901234567',
  ])('%j is no count', (text) => {
    expect(parse(text)).toBeUndefined();
  });

  test('any value up to 2^64 - 1 is what BigInt makes of it, as a number where that is exact', () => {
    fc.assert(
      fc.property(anyCount, (count) => {
        expect(parse(String(count))).toBe(count);
      }),
      { numRuns: runs },
    );
  });
});

describe('arithmetic', () => {
  test('scale, difference and subtractFloorZero are exact whatever the sizes', () => {
    fc.assert(
      fc.property(anyCount, anyCount, fc.integer({ min: 1, max: 10_000_000 }), (a, b, factor) => {
        expect(BigInt(scale(a, factor))).toBe(BigInt(a) * BigInt(factor));
        expect(difference(a, b)).toBe(Number(BigInt(a) - BigInt(b)));
        const floored = BigInt(subtractFloorZero(a, b));
        expect(floored).toBe(BigInt(a) > BigInt(b) ? BigInt(a) - BigInt(b) : 0n);
      }),
      { numRuns: runs },
    );
  });

  test('a result that fits into a number is one', () => {
    expect(scale(5, 1000)).toBe(5000);
    expect(scale(9_007_199_254_740, 1000)).toBe(9_007_199_254_740_000);
    expect(scale(9_007_199_254_741, 1000)).toBe(9_007_199_254_741_000n);
    expect(subtractFloorZero(2n ** 60n + 5n, 2n ** 60n)).toBe(5);
    expect(subtractFloorZero(3, 4)).toBe(0);
    expect(difference(3, 4)).toBe(-1);
    expect(difference(2n ** 60n, 2n ** 60n + 3n)).toBe(-3);
  });
});

describe('isUnlimited', () => {
  test.each([
    ['4 KiB pages', 9223372036854771712n, true],
    ['16 KiB pages', 9223372036854759424n, true],
    ['64 KiB pages', 9223372036854710272n, true],
    ['2^64 - 1', 18446744073709551615n, true],
    ['just above 2^62', 2n ** 62n + 1n, true],
    ['2^62', 2n ** 62n, false],
    ['16 TiB', 17592186044416, false],
    ['none left', 0, false],
  ])('%s: %s', (_, count, expected) => {
    expect(isUnlimited(count)).toBe(expected);
  });
});
