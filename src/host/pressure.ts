/**
 * `cpu.pressure`, `memory.pressure`, `io.pressure`, `irq.pressure` of a cgroup, and `/proc/pressure/*` of the node: how long tasks
 * stalled. Documentation/accounting/psi.rst. `irq` has a `full` line only; that of `cpu` came with Linux 5.13.
 */
import type { Count } from '../model.ts';
import { parseCount } from './count.ts';
import { parseHundredths } from './decimal.ts';
import { createFieldBounds, encode, find, forEachLine, startsWith } from './lines.ts';
import type { Parser } from './parser.ts';
import { findNamed, type Section, sectionsOf } from './sections.ts';

const equals = 61;
const average = encode('avg');
/** `some` or `full`, three averages and the total, with room for what a later kernel adds. */
const fields = createFieldBounds(16);

/**
 * A parser of the wanted keys, which are distinct: `some.total` in microseconds, `full.avg10` in percent. Other lines and keys are
 * passed over. Reported are a wanted key's value that is none, and a line that is no `word key=value …`.
 */
export function pressure(keys: readonly string[]): Parser<readonly (Count | undefined)[]> {
  const sections = sectionsOf(keys);
  const blank: readonly (Count | undefined)[] = keys.map(() => undefined);
  return function parsePressure(bytes, end, malformed) {
    const values = [...blank];
    forEachLine(bytes, end, malformed, (start, stop) => {
      const count = fields.split(bytes, start, stop);
      const section = findNamed(sections, bytes, fields.start(0), fields.end(0));
      let understood = count > 1;
      for (let field = 1; field < count; field += 1) {
        understood = parseField(bytes, field, section, values) && understood;
      }
      return understood;
    });
    return values;
  };
}

function parseField(bytes: Uint8Array, field: number, section: Section | undefined, values: (Count | undefined)[]): boolean {
  const start = fields.start(field);
  const end = fields.end(field);
  const keyEnd = find(bytes, equals, start, end);
  if (keyEnd === end) return false;
  const key = section && findNamed(section.keys, bytes, start, keyEnd);
  if (key === undefined) return true;
  const parse = startsWith(bytes, start, keyEnd, average) ? parseHundredths : parseCount;
  const value = parse(bytes, keyEnd + 1, end);
  values[key.place] ??= value;
  return value !== undefined;
}
