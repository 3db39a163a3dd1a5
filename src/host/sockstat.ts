/** `/proc/<pid>/net/sockstat` and `net/sockstat6`: sockets of the process's network namespace. proc_pid_net(5). */
import type { Count } from '../model.ts';
import { parseCount } from './count.ts';
import { createFieldBounds, forEachLine } from './lines.ts';
import type { Parser } from './parser.ts';
import { findNamed, sectionsOf } from './sections.ts';

const colon = 58;
/** `TCP:` and five pairs of name and value, with room for what a later kernel adds. */
const fields = createFieldBounds(33);

/**
 * A parser of the wanted keys, which are distinct: `TCP.inuse`, `sockets.used`, `TCP6.inuse`. `mem` is in pages, `memory` in bytes, and
 * `TCP.alloc` and `mem` are of the whole node in every namespace. Reported are a wanted value that is no count, and a line that
 * is no `name: key value …`.
 */
export function sockstat(keys: readonly string[]): Parser<readonly (Count | undefined)[]> {
  const sections = sectionsOf(keys);
  const blank: readonly (Count | undefined)[] = keys.map(() => undefined);
  return function parseSockstat(bytes, end, malformed) {
    const values = [...blank];
    forEachLine(bytes, end, malformed, (start, stop) => {
      const count = fields.split(bytes, start, stop);
      const nameEnd = fields.end(0) - 1;
      if (count < 3 || count % 2 === 0 || bytes[nameEnd] !== colon) return false;
      const section = findNamed(sections, bytes, fields.start(0), nameEnd);
      if (section === undefined) return true;
      let understood = true;
      for (let field = 1; field < count; field += 2) {
        const key = findNamed(section.keys, bytes, fields.start(field), fields.end(field));
        if (key === undefined) continue;
        const value = parseCount(bytes, fields.start(field + 1), fields.end(field + 1));
        values[key.place] ??= value;
        understood = understood && value !== undefined;
      }
      return understood;
    });
    return values;
  };
}
