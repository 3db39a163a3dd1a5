/**
 * `/proc/<pid>/net/stat/nf_conntrack`: connection tracking of the process's network namespace, one row a CPU, in base 16. What the
 * counters mean: conntrack(8), `--stats`; the entries and their most: Documentation/networking/nf_conntrack-sysctl.rst.
 */
import { parseHex } from './hex.ts';
import { createFieldBounds, encode, forEachLine } from './lines.ts';
import type { Malformed } from './parser.ts';
import { findNamed } from './sections.ts';

export interface NfConntrack {
  /** Tracked now: the same in the row of every CPU. */
  readonly entries: number | undefined;
  /** Sums over the CPUs of counters of 32 bits each, since the boot. */
  readonly insertFailed: number | undefined;
  readonly drop: number | undefined;
  readonly earlyDrop: number | undefined;
}

const names = ['entries', 'insert_failed', 'drop', 'early_drop'].map((name, place) => ({ name: encode(name), place }));
const none = -1;
/** 17 columns, with room for what a later kernel adds. */
const fields = createFieldBounds(32);

/** All is absent without the line of names. A row that is reported leaves the sums absent: without its part they would be wrong. */
export function parseNfConntrack(bytes: Uint8Array, end: number, malformed: Malformed): NfConntrack {
  const columns = new Int32Array(names.length).fill(none);
  const sums = names.map(() => 0);
  let width = 0;
  let rows = 0;
  let entries: number | undefined;
  let whole = true;

  function parseRow(start: number, stop: number): boolean {
    if (width === 0 || fields.split(bytes, start, stop) !== width) return false;
    for (let field = 0; field < width; field += 1) {
      if (parseHex(bytes, fields.start(field), fields.end(field)) === undefined) return false;
    }
    for (const [place, column] of columns.entries()) {
      if (column !== none) sums[place] = (sums[place] ?? 0) + value(bytes, column);
    }
    const [first = none] = columns;
    if (first !== none) entries ??= value(bytes, first);
    rows += 1;
    return true;
  }

  function sum(place: number): number | undefined {
    return whole && rows > 0 && columns[place] !== none ? sums[place] : undefined;
  }

  function report(start: number, stop: number): void {
    whole = false;
    malformed(start, stop);
  }

  forEachLine(bytes, end, report, (start, stop, index) => {
    if (index > 0) return parseRow(start, stop);
    width = fields.split(bytes, start, stop);
    for (let field = 0; field < width; field += 1) {
      const named = findNamed(names, bytes, fields.start(field), fields.end(field));
      if (named !== undefined) columns[named.place] = field;
    }
    if (columns[0] === none) width = 0;
    return width > 0;
  });
  return { entries, insertFailed: sum(1), drop: sum(2), earlyDrop: sum(3) };
}

function value(bytes: Uint8Array, field: number): number {
  return parseHex(bytes, fields.start(field), fields.end(field)) ?? 0;
}
