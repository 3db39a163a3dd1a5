import type { Malformed } from './parser.ts';

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\n$/;

/** `/proc/sys/kernel/random/boot_id`: another one after each boot (random(4)). `undefined` for an empty file, and for any other text, which is reported. */
export function parseBootId(bytes: Uint8Array, end: number, malformed: Malformed): string | undefined {
  if (end === 0) return undefined;
  const text = Buffer.from(bytes.subarray(0, end)).toString('latin1');
  if (uuid.test(text)) return text.trimEnd();
  malformed(0, end);
  return undefined;
}
