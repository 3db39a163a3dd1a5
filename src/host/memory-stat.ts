/** `memory.stat` of cgroup v1: Documentation/admin-guide/cgroup-v1/memory.rst, 5.2. That of v2 is a flat keyed file like others. */
import type { Count } from '../model.ts';
import { isUnlimited } from './count.ts';
import { flatKeyed } from './flat-keyed.ts';
import type { Parser } from './parser.ts';

const total = 'total_';
/** The lowest limit from the cgroup up to the root, of memory and of memory with swap. */
const limit = 'hierarchical_';

/**
 * `total_` keys count the children too. A file without any of them, whole and understood, is of a kernel that does not add
 * up children: then its own values are all there is. Else they are no substitute: they leave out the children. A limit that
 * says "none" is absent.
 */
export function memoryStatV1(keys: readonly string[]): Parser<readonly (Count | undefined)[]> {
  const parseTotals = flatKeyed(keys);
  const parseOwn = flatKeyed(keys.map((key) => (key.startsWith(total) ? key.slice(total.length) : key)));
  const isTotal = keys.map((key) => key.startsWith(total));
  const isLimit = keys.map((key) => key.startsWith(limit));
  const parse: Parser<readonly (Count | undefined)[]> = (bytes, end, malformed) => {
    let understood = true;
    const totals = parseTotals(bytes, end, (start, stop) => {
      understood = false;
      malformed(start, stop);
    });
    if (!understood || totals.some((value, index) => isTotal[index] === true && value !== undefined)) return totals;
    return parseOwn(bytes, end, malformed);
  };
  return (bytes, end, malformed) =>
    parse(bytes, end, malformed).map((value, index) =>
      isLimit[index] === true && value !== undefined && isUnlimited(value) ? undefined : value,
    );
}
