/** `NSpid` of `/proc/<pid>/status`: the numbers of a process in its pid namespaces. proc_pid_status(5). */
import { parseCount } from './count.ts';
import { createFieldBounds, encode, forEachLine, startsWith } from './lines.ts';
import type { Malformed } from './parser.ts';

const key = encode('NSpid:');
/** 32 nest in the first one: pid_namespaces(7). */
const fields = createFieldBounds(33);

/** From the namespace whose processes this mount of /proc shows down to that of the process. `undefined` before Linux 4.1. */
export function parseNamespacePids(bytes: Uint8Array, end: number, malformed: Malformed): readonly number[] | undefined {
  let found: readonly number[] | undefined;
  forEachLine(bytes, end, malformed, (start, stop) => {
    if (!startsWith(bytes, start, stop, key)) return true;
    const pids: number[] = [];
    const count = fields.split(bytes, start + key.length, stop);
    for (let field = 0; field < count; field += 1) {
      const pid = parseCount(bytes, fields.start(field), fields.end(field));
      if (typeof pid !== 'number') return false;
      pids.push(pid);
    }
    if (pids.length === 0) return false;
    found ??= pids;
    return true;
  });
  return found;
}
