/** Numbers that the kernel prints with two decimals: load, shares of time under pressure. */
import { parseCount } from './count.ts';

const point = 46;
const decimals = 2;

/** `12.34` as the number nearest to it; `undefined` for any other form and for what is too big to be exact in hundredths. */
export function parseHundredths(bytes: Uint8Array, start: number, end: number): number | undefined {
  const at = end - decimals - 1;
  if (at <= start || bytes[at] !== point) return undefined;
  const whole = parseCount(bytes, start, at);
  const rest = parseCount(bytes, at + 1, end);
  if (typeof whole !== 'number' || typeof rest !== 'number') return undefined;
  const hundredths = whole * 100 + rest;
  return Number.isSafeInteger(hundredths) ? hundredths / 100 : undefined;
}
