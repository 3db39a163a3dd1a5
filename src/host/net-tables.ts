/**
 * `/proc/<pid>/net/snmp` and `net/netstat`: counters of the protocols of the process's network namespace.
 * Documentation/networking/snmp_counter.rst; each protocol has a line of names and then a line of values.
 */
import type { Count } from '../model.ts';
import { parseCount } from './count.ts';
import { createFieldBounds, forEachLine, space, startsWith } from './lines.ts';
import type { Parser } from './parser.ts';
import { findNamed, type Section, sectionsOf } from './sections.ts';

const colon = 58;
const minus = 45;
const zero = 48;
const nine = 57;
const none = -1;
/** `TcpExt` has 130 columns. */
const mostColumns = 512;
/** A longer line of names is looked through each time. */
const mostRemembered = 16 * 1024;
const fields = createFieldBounds(mostColumns);

/** One protocol of which keys are wanted, and where they stood in the line of names that was seen last. */
interface Protocol extends Section {
  /** That line: all namespaces of one kernel have the same, which is found again by all its bytes. */
  header: Uint8Array;
  /** How many columns it has; 0 until it comes in the file at hand. */
  width: number;
  rememberedWidth: number;
  readonly columns: Int32Array;
}

/**
 * A parser of the wanted keys, which are distinct: `Tcp.RetransSegs`, `TcpExt.ListenDrops`. A negative value is absent: only
 * `Tcp.MaxConn` has one, -1 for "no limit". Of a protocol that comes twice the first values count. Reported are a wanted value that
 * is none, values without names or of another number than they, and a line that does not start with `name: `.
 */
export function netTables(keys: readonly string[]): Parser<readonly (Count | undefined)[]> {
  const blank: readonly (Count | undefined)[] = keys.map(() => undefined);
  const protocols = sectionsOf(keys).map((section): Protocol => ({
    name: section.name,
    keys: section.keys,
    header: new Uint8Array(),
    width: 0,
    rememberedWidth: 0,
    columns: new Int32Array(section.keys.length),
  }));
  return function parseNetTables(bytes, end, malformed) {
    const values = [...blank];
    for (const protocol of protocols) protocol.width = 0;
    forEachLine(bytes, end, malformed, (start, stop) => {
      let nameEnd = start;
      while (nameEnd < stop && !isSeparator(bytes[nameEnd])) nameEnd += 1;
      if (nameEnd === start || bytes[nameEnd] !== colon || nameEnd + 1 >= stop) return false;
      const protocol = findNamed(protocols, bytes, start, nameEnd);
      if (protocol === undefined) return true;
      let first = nameEnd + 1;
      while (bytes[first] === space) first += 1;
      if (isValue(bytes[first])) return parseValues(bytes, nameEnd + 1, stop, { protocol, values });
      learnColumns(bytes, nameEnd + 1, stop, protocol);
      return true;
    });
    return values;
  };
}

function learnColumns(bytes: Uint8Array, start: number, end: number, protocol: Protocol): void {
  const { header } = protocol;
  protocol.width = protocol.rememberedWidth;
  if (end - start === header.length && startsWith(bytes, start, end, header)) return;
  protocol.columns.fill(none);
  protocol.width = fields.split(bytes, start, end);
  for (let column = 0; column < protocol.width; column += 1) {
    const key = findNamed(protocol.keys, bytes, fields.start(column), fields.end(column));
    if (key !== undefined) protocol.columns[protocol.keys.indexOf(key)] = column;
  }
  protocol.header = end - start > mostRemembered ? new Uint8Array() : bytes.slice(start, end);
  protocol.rememberedWidth = protocol.width;
}

function parseValues(
  bytes: Uint8Array,
  start: number,
  end: number,
  { protocol, values }: { readonly protocol: Protocol; readonly values: (Count | undefined)[] },
): boolean {
  if (protocol.width === 0 || fields.split(bytes, start, end) !== protocol.width) return false;
  let understood = true;
  for (const [index, { place }] of protocol.keys.entries()) {
    const column = protocol.columns[index] ?? none;
    if (column === none) continue;
    const from = fields.start(column);
    const stop = fields.end(column);
    const negative = bytes[from] === minus;
    const value = parseCount(bytes, negative ? from + 1 : from, stop);
    if (value === undefined) understood = false;
    else if (!negative) values[place] ??= value;
  }
  return understood;
}

function isSeparator(byte: number | undefined): boolean {
  return byte === colon || byte === undefined || byte <= space;
}

/** What values start with and names never do. */
function isValue(byte: number | undefined): boolean {
  return byte === minus || (byte !== undefined && byte >= zero && byte <= nine);
}
