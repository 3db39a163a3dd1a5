import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseQuantity } from '../../../src/watch/quantity.ts';

// What Kubernetes' own parser makes of the same text (apimachinery 0.36), in 10^-9.
test.each([
  ['0', 0n],
  ['1', 1_000_000_000n],
  ['250m', 250_000_000n],
  ['0.1', 100_000_000n],
  ['100n', 100n],
  ['7u', 7000n],
  ['.5', 500_000_000n],
  ['5.', 5_000_000_000n],
  ['+007', 7_000_000_000n],
  ['128974848', 128_974_848_000_000_000n],
  ['1Ki', 1_024_000_000_000n],
  ['1.5Gi', 1_610_612_736_000_000_000n],
  ['0.1Ki', 102_400_000_000n],
  ['1k', 1_000_000_000_000n],
  ['1e3', 1_000_000_000_000n],
  ['1E3', 1_000_000_000_000n],
  ['1e+03', 1_000_000_000_000n],
  ['1e-3', 1_000_000n],
  ['1E', 1_000_000_000_000_000_000_000_000_000n],
  ['8Ei', 9_223_372_036_854_775_808_000_000_000n],
])('%j', (text, expected) => {
  expect(parseQuantity(text)).toBe(expected);
});

test.each([['0.1n'], ['1e-12'], ['0.0000000001'], ['1e-99']])('%j is rounded up to the least there is', (text) => {
  expect(parseQuantity(text)).toBe(1n);
});

test.each([
  [''],
  ['.'],
  ['+'],
  ['m'],
  ['Ki'],
  ['-1'],
  ['1.2.3'],
  ['1 '],
  ['1mi'],
  ['1K'],
  ['1ki'],
  ['1e'],
  ['1e1.5'],
  ['1e100'],
  ['0x10'],
  ['Infinity'],
  ['١'],
  ['1\n'],
  ['1'.repeat(65)],
  [1],
  [null],
  [undefined],
  [{}],
  [['1']],
])('%j is no quantity', (value) => {
  expect(parseQuantity(value)).toBeUndefined();
});

const nano = 1_000_000_000n;
const amount = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n });

test('any amount comes back from each of its forms', () => {
  fc.assert(
    fc.property(amount, fc.integer({ min: 0, max: 9 }), (value, places) => {
      const digits = String(value).padStart(places + 1, '0');
      const point = digits.length - places;
      expect(parseQuantity(`${value}n`)).toBe(value);
      expect(parseQuantity(`${value}e-9`)).toBe(value);
      expect(parseQuantity(`${digits.slice(0, point)}.${digits.slice(point)}e${places}`)).toBe(value * nano);
    }),
  );
});

const powers: readonly (readonly [string, bigint])[] = [
  ...['', 'k', 'M', 'G', 'T', 'P', 'E'].map((suffix, power) => [suffix, 1000n ** BigInt(power)] as const),
  ...['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'].map((suffix, power) => [suffix, 1024n ** BigInt(power)] as const),
];

test('each suffix is its power, whatever stands before it', () => {
  fc.assert(
    fc.property(amount, fc.constantFrom(...powers), (value, [suffix, factor]) => {
      expect(parseQuantity(`${value}${suffix}`)).toBe(value * factor * nano);
    }),
  );
});

test('no text makes it throw, or gives a negative amount', () => {
  const likely = fc.stringMatching(/^[-+0-9.eEinumkKMGTP]{0,80}$/);
  fc.assert(
    fc.property(fc.oneof(likely, fc.string(), fc.jsonValue()), (value) => {
      expect(parseQuantity(value) ?? 0n).toBeGreaterThanOrEqual(0n);
    }),
    { numRuns: 10_000 },
  );
});
