import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseHundredths } from '../../../src/host/decimal.ts';
import { runs } from './parse-text.ts';

function parse(text: string) {
  const bytes = Buffer.from(`7${text}7`);
  return parseHundredths(bytes, 1, bytes.length - 1);
}

test('any number with two decimals is the one that a program would write for it', () => {
  fc.assert(
    fc.property(fc.nat(2 ** 31 - 1), fc.nat(99), (whole, rest) => {
      const text = `${whole}.${String(rest).padStart(2, '0')}`;
      expect(parse(text)).toBe(Number(text));
    }),
    { numRuns: runs },
  );
});

test.each(['', '.', '.00', '1.', '1.2', '1.234', '-1.00', '1,00', '1.0x', 'x.00', ' 1.00', '1e2', '90071992547410.00'])(
  '%j is none',
  (text) => {
    expect(parse(text)).toBeUndefined();
  },
);
