/** `/proc/meminfo`: the memory of the node. Documentation/filesystems/proc.rst, "meminfo". */
import type { Count } from '../model.ts';
import { parseCount, scale } from './count.ts';
import { createFieldBounds, encode, forEachLine, startsWith } from './lines.ts';
import type { Parser } from './parser.ts';
import { findNamed } from './sections.ts';

const colon = 58;
/** The kernel writes kB and means KiB. */
const unit = encode('kB');
const unitBytes = 1024;
/** Key, value, unit; and one more, which no line has. */
const fields = createFieldBounds(4);

/**
 * A parser of the wanted keys, which are distinct: `MemTotal`, `Active(file)`. Values are bytes, and counts where the kernel gives no
 * unit, as for `HugePages_Total`. Reported are a wanted value that is none, and a line that is no `key: value` with or without unit.
 */
export function meminfo(keys: readonly string[]): Parser<readonly (Count | undefined)[]> {
  const wanted = keys.map((key, place) => ({ name: encode(key), place }));
  const blank: readonly (Count | undefined)[] = keys.map(() => undefined);
  return function parseMeminfo(bytes, end, malformed) {
    const values = [...blank];
    forEachLine(bytes, end, malformed, (start, stop) => {
      const count = fields.split(bytes, start, stop);
      const keyEnd = fields.end(0) - 1;
      if (count < 2 || count > 3 || bytes[keyEnd] !== colon || keyEnd === start) return false;
      const key = findNamed(wanted, bytes, fields.start(0), keyEnd);
      if (key === undefined) return true;
      const value = parseCount(bytes, fields.start(1), fields.end(1));
      const inUnit = count === 3;
      if (value === undefined || (inUnit && !isUnit(bytes))) return false;
      values[key.place] ??= inUnit ? scale(value, unitBytes) : value;
      return true;
    });
    return values;
  };
}

function isUnit(bytes: Uint8Array): boolean {
  return fields.end(2) - fields.start(2) === unit.length && startsWith(bytes, fields.start(2), fields.end(2), unit);
}
