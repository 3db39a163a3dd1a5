/** Integers of a summary at their full size: `JSON.parse` alone rounds what is above 2^53, such as the 8 EiB of an EFS volume. */
import type { Count } from '../model.ts';
import { field, parse } from '../watch/json.ts';

/** An amount that a number may not hold. It may be looked for in a string too, which costs time only. */
const large = /"(?:used|available|capacity|inodes)\w*"\s*:\s*\d{16}/;
const digits = /^\d{16,19}$/;
/** The largest integer that InfluxDB takes. More is a kernel's or a driver's -1. */
const most = 2n ** 63n - 1n;

/** As `parse`, but an integer that no number holds exactly is a bigint. */
export function parseExact(source: string): unknown {
  // To be told where each value stands in the text makes parsing several times slower.
  if (!large.test(source)) return parse(source);
  try {
    return JSON.parse(source, (...[, value, context]: readonly unknown[]) => {
      if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
      const written = field(context, 'source');
      return typeof written === 'string' && digits.test(written) ? BigInt(written) : value;
    });
  } catch {
    // No JSON, or nested too deep to be looked through.
    return undefined;
  }
}

/** The amount in a property of a parsed object; `undefined` where there is none that is exact. */
export function amount(object: unknown, key: string): Count | undefined {
  const value = field(object, key);
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? value : undefined;
  return typeof value === 'bigint' && value >= 0n && value <= most ? value : undefined;
}
