/** Files of one value and a newline: `memory.current`, `pids.max`, `cpuacct.usage`. */
import type { Count } from '../model.ts';
import { isUnlimited, parseCount } from './count.ts';
import { encode, newline, startsWith } from './lines.ts';
import type { Malformed } from './parser.ts';

const max = encode('max\n');
const minusOne = encode('-1\n');

/** `max`: the kernel said that there is no limit. */
export type Limit = Count | 'max';

/** A file that holds one count. `undefined` for an empty file, and for any other text, which is reported. */
export function parseSingleValue(bytes: Uint8Array, end: number, malformed: Malformed): Count | undefined {
  if (end === 0) return undefined;
  const count = bytes[end - 1] === newline ? parseCount(bytes, 0, end - 1) : undefined;
  if (count === undefined) malformed(0, end);
  return count;
}

/**
 * A file that holds one limit. "None" is `max` in files of cgroup v2 and in `pids.max`, `-1` in those of the cpu
 * controller of v1, and a number near 2^63 in those of its memory controller.
 */
export function parseLimit(bytes: Uint8Array, end: number, malformed: Malformed): Limit | undefined {
  if (isWhole(bytes, end, max) || isWhole(bytes, end, minusOne)) return 'max';
  const count = parseSingleValue(bytes, end, malformed);
  return count !== undefined && isUnlimited(count) ? 'max' : count;
}

function isWhole(bytes: Uint8Array, end: number, content: Uint8Array): boolean {
  return end === content.length && startsWith(bytes, 0, end, content);
}
