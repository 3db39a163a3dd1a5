/** `/proc/<pid>/net/ipv6_route`: the IPv6 routes of the process's network namespace. Its columns: net/ipv6/route.c of Linux. */
import { parseHex } from './hex.ts';
import { createFieldBounds, forEachLine, text } from './lines.ts';
import type { Malformed } from './parser.ts';

const zero = 48;
const addressDigits = 32;
const up = 0x1;
const reject = 0x200;
const loopback = 'lo';

/** Destination, its prefix length, source, its prefix length, next hop, metric, references, use, flags, device. */
const columns = 10;
const fields = createFieldBounds(columns);

/**
 * The interface of the default route with the lowest metric, the first of equals; `undefined` where there is none. Every
 * namespace has an unreachable `::/0` on `lo`, which is none.
 */
export function parseNetIpv6Route(bytes: Uint8Array, end: number, malformed: Malformed): string | undefined {
  let best: string | undefined;
  let bestMetric = Infinity;
  forEachLine(bytes, end, malformed, (start, stop) => {
    if (fields.split(bytes, start, stop) < columns) return false;
    const prefixLength = parseHex(bytes, fields.start(1), fields.end(1));
    const metric = parseHex(bytes, fields.start(5), fields.end(5));
    const flags = parseHex(bytes, fields.start(8), fields.end(8));
    if (fields.end(0) - fields.start(0) !== addressDigits) return false;
    if (prefixLength === undefined || metric === undefined || flags === undefined) return false;
    const isDefault =
      prefixLength === 0 && isUnspecified(bytes, fields.start(0)) && (flags & up) !== 0 && (flags & reject) === 0;
    if (!isDefault || metric >= bestMetric) return true;
    const name = text(bytes, fields.start(9), fields.end(9));
    if (name === loopback) return true;
    best = name;
    bestMetric = metric;
    return true;
  });
  return best;
}

function isUnspecified(bytes: Uint8Array, start: number): boolean {
  for (let at = start; at < start + addressDigits; at += 1) if (bytes[at] !== zero) return false;
  return true;
}
