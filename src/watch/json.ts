/** Looks into JSON that nobody has checked: what is not as expected is `undefined`, and nothing throws. */

/** The own property `key` of an object. */
export function field(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return Reflect.get(value, key);
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A string that is not empty, well-formed, of at most `limit` UTF-16 units. */
export function text(value: unknown, limit: number): string | undefined {
  if (typeof value !== 'string' || value === '') return undefined;
  if (value.length <= limit) return value.toWellFormed();
  // Copied through bytes: a slice would keep all of a long string alive.
  return Buffer.from(value.slice(0, limit)).toString();
}

/** A whole number that is exact. */
export function integer(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined;
}

export function flag(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined;
}

const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;

/** Unix time in milliseconds of a time of the API. The epoch itself stands there for a time that the runtime did not know. */
export function moment(value: unknown): number | undefined {
  if (typeof value !== 'string' || !rfc3339.test(value)) return undefined;
  const time = Date.parse(value);
  return time > 0 ? time : undefined;
}

/** Parses text that may be anything; `undefined` is not JSON. */
export function parse(source: string): unknown {
  try {
    return JSON.parse(source);
  } catch {
    // The caller counts it: what is wrong in it helps nobody, and it may hold secrets.
    return undefined;
  }
}
