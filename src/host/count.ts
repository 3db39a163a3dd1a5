/** Counts as the kernel prints them: unsigned, up to 2^64 - 1, exact at any size. */
import type { Count } from '../model.ts';

const zero = 48;
/** 10^15 - 1 is the most digits that are always exact in a number. */
const safeDigits = 15;
const mostDigits = 20;
const most = 2n ** 64n - 1n;
const unlimited = 2n ** 62n;

/** Decimal digits and nothing else, at most 2^64 - 1; else `undefined`. */
export function parseCount(bytes: Uint8Array, start: number, end: number): Count | undefined {
  const length = end - start;
  if (length <= 0 || length > mostDigits) return undefined;
  const split = Math.max(start, end - safeDigits);
  const low = digits(bytes, split, end);
  if (split === start || low < 0) return low < 0 ? undefined : low;
  const high = digits(bytes, start, split);
  if (high < 0) return undefined;
  const whole = high * 1e15 + low;
  if (Number.isSafeInteger(whole)) return whole;
  const exact = BigInt(high) * 1_000_000_000_000_000n + BigInt(low);
  return exact <= most ? exact : undefined;
}

/** `count` × `factor`, exact; `factor` is a positive integer. */
export function scale(count: Count, factor: number): Count {
  if (typeof count === 'number') {
    const product = count * factor;
    if (Number.isSafeInteger(product)) return product;
  }
  return narrow(BigInt(count) * BigInt(factor));
}

/** `a` - `b`, which may be negative; exact up to 2^53 whatever the size of the two. */
export function difference(a: Count, b: Count): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return Number(BigInt(a) - BigInt(b));
}

/** `a` - `b`, exact, and 0 where that would be negative: the two were not read at the same moment. */
export function subtractFloorZero(a: Count, b: Count): Count {
  if (a <= b) return 0;
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return narrow(BigInt(a) - BigInt(b));
}

/**
 * Whether a limit of cgroup v1 says "none": v1 prints the greatest multiple of the page size below 2^63, which is another
 * number for pages of 4, 16 and 64 KiB. Above 2^62 is what the kubelet takes for none.
 */
export function isUnlimited(count: Count): boolean {
  return typeof count === 'bigint' && count > unlimited;
}

/** Exact; `undefined` where a part of it is. */
export function sum(...counts: readonly (Count | undefined)[]): Count | undefined {
  let exact = 0n;
  for (const count of counts) {
    if (count === undefined) return undefined;
    exact += BigInt(count);
  }
  return narrow(exact);
}

/** The value of up to 15 digits, or -1. */
function digits(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at += 1) {
    const digit = (bytes[at] ?? 0) - zero;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

function narrow(exact: bigint): Count {
  return exact <= Number.MAX_SAFE_INTEGER ? Number(exact) : exact;
}
