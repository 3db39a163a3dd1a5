import { readFileSync } from 'node:fs';
import { tryLock } from '../lock.ts';

export interface Processor extends AsyncDisposable {
  /** Its number, for taskset. */
  readonly number: string;
}

/** The last of those that this process may use and that no other worker of this machine has; the last of all where each has one. */
export async function ownProcessor(): Promise<Processor> {
  const numbers = allowed(readFileSync('/proc/self/status', 'utf8'));
  for (const number of numbers.toReversed()) {
    const held = await tryLock(`processor ${number}`);
    if (held !== undefined) return { number, [Symbol.asyncDispose]: () => held[Symbol.asyncDispose]() };
  }
  const last = numbers.at(-1);
  if (last === undefined) throw new Error('/proc/self/status names no processors');
  return { number: last, [Symbol.asyncDispose]: () => Promise.resolve() };
}

/** https://man7.org/linux/man-pages/man7/cpuset.7.html, "List format". */
function allowed(status: string): readonly string[] {
  const [list = ''] = /(?<=^Cpus_allowed_list:\s*)\S+$/m.exec(status) ?? [];
  return list.split(',').flatMap((range) => {
    const [first, last = first] = range.split('-').map(Number);
    if (first === undefined || last === undefined) return [];
    return Array.from({ length: last - first + 1 }, (_, i) => String(first + i));
  });
}
