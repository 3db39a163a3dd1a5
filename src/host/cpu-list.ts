/**
 * `cpuset.cpus.effective` of v2, `cpuset.effective_cpus` of v1: the CPUs that a cgroup may run on, `0-3,8`.
 * Documentation/admin-guide/cgroup-v2.rst, "Cpuset Interface Files"; the form: cpuset(7), "List format".
 */
import { parseCount } from './count.ts';
import { find, newline, text } from './lines.ts';
import type { Malformed } from './parser.ts';

export interface CpuList {
  readonly text: string;
  readonly count: number;
}

const comma = 44;
const hyphen = 45;
/** Linux is built for 8,192 CPUs at most; with an end to the numbers the text has one too, since they rise. */
const mostCpus = 65_536;

/** `undefined` where the list is empty, and for any other text than a list of rising numbers and ranges, which is reported. */
export function parseCpuList(bytes: Uint8Array, end: number, malformed: Malformed): CpuList | undefined {
  if (end === 0 || (end === 1 && bytes[0] === newline)) return undefined;
  const stop = end - 1;
  const count = bytes[stop] === newline ? countCpus(bytes, stop) : undefined;
  if (count !== undefined) return { text: text(bytes, 0, stop), count };
  malformed(0, end);
  return undefined;
}

function countCpus(bytes: Uint8Array, end: number): number | undefined {
  let count = 0;
  let next = 0;
  for (let start = 0; start <= end;) {
    const stop = find(bytes, comma, start, end);
    const middle = find(bytes, hyphen, start, stop);
    const first = parseCount(bytes, start, middle);
    const last = middle === stop ? first : parseCount(bytes, middle + 1, stop);
    if (typeof first !== 'number' || typeof last !== 'number') return undefined;
    if (first < next || last < first || last >= mostCpus) return undefined;
    count += last - first + 1;
    next = last + 1;
    start = stop + 1;
  }
  return count;
}
