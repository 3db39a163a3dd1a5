/** `/proc/<pid>/net/route`: the IPv4 routes of the process's network namespace. proc_pid_net(5), flags of route(8). */
import { parseCount } from './count.ts';
import { parseHex } from './hex.ts';
import { createFieldBounds, encode, forEachLine, startsWith, text } from './lines.ts';
import type { Malformed } from './parser.ts';

const header = encode('Iface\t');
const noDevice = '*';
const minus = 45;
const up = 0x1;
const reject = 0x200;

/** Iface Destination Gateway Flags RefCnt Use Metric Mask. */
const columns = 8;
const fields = createFieldBounds(columns);

/** The interface of the default route with the lowest metric, the first of equals; `undefined` where there is none. */
export function parseNetRoute(bytes: Uint8Array, end: number, malformed: Malformed): string | undefined {
  let best: string | undefined;
  let bestMetric = Infinity;
  forEachLine(bytes, end, malformed, (start, stop, index) => {
    if (index === 0 && startsWith(bytes, start, stop, header)) return true;
    if (fields.split(bytes, start, stop) < columns) return false;
    const destination = parseHex(bytes, fields.start(1), fields.end(1));
    const flags = parseHex(bytes, fields.start(3), fields.end(3));
    const metric = parseMetric(bytes, fields.start(6), fields.end(6));
    const mask = parseHex(bytes, fields.start(7), fields.end(7));
    if (destination === undefined || flags === undefined || metric === undefined || mask === undefined) return false;
    const isDefault = destination === 0 && mask === 0 && (flags & up) !== 0 && (flags & reject) === 0;
    if (!isDefault || metric >= bestMetric) return true;
    const name = text(bytes, fields.start(0), fields.end(0));
    // A blackhole route has no device and no flag that says so.
    if (name === noDevice) return true;
    best = name;
    bestMetric = metric;
    return true;
  });
  return best;
}

/** The kernel prints this unsigned number as a signed one. */
function parseMetric(bytes: Uint8Array, start: number, end: number): number | undefined {
  const negative = bytes[start] === minus;
  const count = parseCount(bytes, negative ? start + 1 : start, end);
  if (typeof count !== 'number') return undefined;
  return negative ? 2 ** 32 - count : count;
}
