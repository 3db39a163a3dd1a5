import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { amount, parseExact } from '../../../src/file-systems/summary-numbers.ts';

test('an amount of any size up to the largest of 63 bits is exact', () => {
  fc.assert(
    fc.property(fc.bigInt(0n, 2n ** 63n - 1n), fc.constantFrom('', ' ', '\n  '), (value, space) => {
      const parsed = parseExact(`{"capacityBytes":${space}${value}}`);
      expect(BigInt(amount(parsed, 'capacityBytes') ?? -1)).toBe(value);
    }),
  );
});

test('a number is a number where that is exact', () => {
  expect(parseExact('{"usedBytes":9007199254740991,"inodes":9007199254740992}')).toEqual({
    usedBytes: 9_007_199_254_740_991,
    inodes: 9_007_199_254_740_992n,
  });
});

test.each(['9223372036854775808', '18446744073709551615', '1e30', '9'.repeat(400), '-1', '12345678901234567.5'])(
  '%s is no amount',
  (written) => {
    const parsed = parseExact(`{"inodes":9007199254740993,"usedBytes":${written}}`);
    expect(amount(parsed, 'usedBytes')).toBeUndefined();
    expect(amount(parsed, 'inodes')).toBe(9_007_199_254_740_993n);
  },
);

test('what looks like an amount in a string is left as it is', () => {
  const value = { name: '"usedBytes": 12345678901234567890' };
  expect(parseExact(JSON.stringify(value))).toEqual(value);
});

test('no JSON is undefined, as is what is nested too deep to be looked through', () => {
  expect(parseExact('{"usedBytes":12345678901234567')).toBeUndefined();
  expect(parseExact('')).toBeUndefined();
  const deep = `{"a":${'['.repeat(200_000)}${']'.repeat(200_000)},"usedBytes":12345678901234567}`;
  expect(parseExact(deep)).toBeUndefined();
});
