/** `memory.stat` of cgroup v1: Documentation/admin-guide/cgroup-v1/memory.rst, 5.2. That of v2 is a flat keyed file like others. */
import type { Count } from '../model.ts';
import { isUnlimited } from './count.ts';
import { flatKeyed } from './flat-keyed.ts';
import type { Malformed, Parser } from './parser.ts';

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
  const slots = [...keys.keys()];
  const totals = slots.filter((slot) => keys[slot]?.startsWith(total));
  const limits = slots.filter((slot) => keys[slot]?.startsWith(limit));
  const parsing: { understood: boolean; malformed: Malformed } = { understood: true, malformed: () => undefined };
  const watched: Malformed = (start, stop) => {
    parsing.understood = false;
    parsing.malformed(start, stop);
  };
  return (bytes, end, malformed) => {
    parsing.understood = true;
    parsing.malformed = malformed;
    let values = parseTotals(bytes, end, watched);
    if (parsing.understood && totals.every((slot) => values[slot] === undefined)) values = parseOwn(bytes, end, malformed);
    for (const slot of limits) {
      const value = values[slot];
      if (value !== undefined && isUnlimited(value)) values[slot] = undefined;
    }
    return values;
  };
}
