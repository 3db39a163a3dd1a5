/** `/proc/<pid>/stat`: what a process is called and when it started. proc_pid_stat(5). */
import type { Count } from '../model.ts';
import { parseCount } from './count.ts';
import { createFieldBounds, find, newline, text } from './lines.ts';
import type { Malformed } from './parser.ts';

export interface ProcessStat {
  /** The name of the program, at most 15 bytes, which the process may set to anything. */
  readonly comm: string;
  /** `Z` and `X`: it has ended. */
  readonly state: string;
  /** In clock ticks since the boot: with the pid it tells a process from a later one under the same pid. */
  readonly startTime: Count;
}

const opening = 40;
const closing = 41;
/** Fields from the state, the third, to the start time, the 22nd. */
const columns = 20;
const fields = createFieldBounds(columns);

export function parseProcStat(bytes: Uint8Array, end: number, malformed: Malformed): ProcessStat | undefined {
  if (end === 0) return undefined;
  const commStart = find(bytes, opening, 0, end) + 1;
  // Nothing after the name holds a parenthesis, the name itself may.
  const commEnd = bytes.lastIndexOf(closing, end - 1);
  const whole =
    commEnd >= commStart &&
    parseCount(bytes, 0, commStart - 2) !== undefined &&
    find(bytes, newline, commEnd, end) === end - 1 &&
    fields.split(bytes, commEnd + 1, end - 1) === columns;
  const startTime = whole ? parseCount(bytes, fields.start(columns - 1), fields.end(columns - 1)) : undefined;
  if (startTime === undefined) {
    malformed(0, end);
    return undefined;
  }
  return { comm: text(bytes, commStart, commEnd), state: text(bytes, fields.start(0), fields.end(0)), startTime };
}
