/** `/proc/loadavg`: how many tasks run or wait for a CPU or for I/O, on average. proc_loadavg(5). */
import type { Count } from '../model.ts';
import { parseCount } from './count.ts';
import { parseHundredths } from './decimal.ts';
import { createFieldBounds, find, newline } from './lines.ts';
import type { Malformed } from './parser.ts';

export interface LoadAverages {
  /** Over 1, 5 and 15 minutes. */
  readonly load1: number;
  readonly load5: number;
  readonly load15: number;
  /** Tasks that run or wait for a CPU now. */
  readonly running: Count;
  /** All tasks: processes and their threads. */
  readonly tasks: Count;
}

const slash = 47;
/** Three averages, tasks, the last pid; and one more, which the file has not. */
const fields = createFieldBounds(6);

/** `undefined` for an empty file, and for any other text than the kernel's one line, which is reported. */
export function parseLoadavg(bytes: Uint8Array, end: number, malformed: Malformed): LoadAverages | undefined {
  if (end === 0) return undefined;
  const averages = find(bytes, newline, 0, end) === end - 1 ? parseLine(bytes, end - 1) : undefined;
  if (averages === undefined) malformed(0, end);
  return averages;
}

function parseLine(bytes: Uint8Array, end: number): LoadAverages | undefined {
  if (fields.split(bytes, 0, end) !== 5) return undefined;
  const load1 = average(bytes, 0);
  const load5 = average(bytes, 1);
  const load15 = average(bytes, 2);
  const middle = find(bytes, slash, fields.start(3), fields.end(3));
  const running = parseCount(bytes, fields.start(3), middle);
  const tasks = parseCount(bytes, middle + 1, fields.end(3));
  if (load1 === undefined || load5 === undefined || load15 === undefined) return undefined;
  if (running === undefined || tasks === undefined) return undefined;
  return { load1, load5, load15, running, tasks };
}

function average(bytes: Uint8Array, field: number): number | undefined {
  return parseHundredths(bytes, fields.start(field), fields.end(field));
}
