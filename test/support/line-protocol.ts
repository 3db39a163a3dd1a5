/** What the agent writes to a file, cycle by cycle: a cycle's points stand before its heartbeat. */
import { open } from 'node:fs/promises';
import { parseLine } from '../unit/write/parse-line.ts';
import type { Point } from '../unit/write/parse-line.ts';
import { until } from './until.ts';

export interface Cycle {
  /** The number fields of the heartbeat. */
  readonly beat: Readonly<Record<string, number>>;
  /** All points but the heartbeat, parsed anew at each call. */
  points(): Point[];
}

export interface PointFile {
  /** The next cycle that was written whole. Waits for it. */
  next(): Promise<Cycle>;
  /** The next cycle whose heartbeat is as wanted; those before it are passed over. */
  where(wanted: (beat: Cycle['beat']) => boolean): Promise<Cycle>;
  /** The cycles that are there and were not given out yet. */
  rest(): Promise<Cycle[]>;
  /** What stands behind the last heartbeat: at the end of a run, what came after its last cycle. */
  tail(): Promise<Point[]>;
}

const newline = 0x0a;

/** Reads on in a file that may not be there yet, and is only ever appended to. */
export function followPoints(path: string): PointFile {
  const cycles: Cycle[] = [];
  let lines: string[] = [];
  let rest = Buffer.alloc(0);
  let offset = 0;

  async function readOn(): Promise<void> {
    // Nothing is written before the first cycle.
    const file = await open(path).catch(() => undefined);
    if (file === undefined) return;
    const { size } = await file.stat();
    const bytes = Buffer.alloc(size - offset);
    const { bytesRead } = await file.read(bytes, 0, bytes.length, offset);
    await file.close();
    offset += bytesRead;
    const whole = Buffer.concat([rest, bytes.subarray(0, bytesRead)]);
    const end = whole.lastIndexOf(newline) + 1;
    rest = whole.subarray(end);
    for (const line of whole.toString('utf8', 0, end).split('\n')) addLine(line);
  }

  function addLine(line: string): void {
    if (line === '') return;
    if (!line.startsWith('podgauge,')) {
      lines.push(line);
      return;
    }
    const own = lines;
    lines = [];
    cycles.push({ beat: numbersOf(parseLine(line)), points: () => own.map(parseLine) });
  }

  async function next(): Promise<Cycle> {
    await until('a further cycle in the file', async () => {
      if (cycles.length === 0) await readOn();
      return cycles.length > 0;
    });
    const cycle = cycles.shift();
    if (cycle === undefined) throw new Error('No cycle');
    return cycle;
  }

  return {
    next,
    async where(wanted) {
      let cycle = await next();
      const end = AbortSignal.timeout(60_000);
      while (!wanted(cycle.beat)) {
        if (end.aborted) throw new Error(`No such heartbeat within a minute; the last is ${JSON.stringify(cycle.beat)}`);
        cycle = await next();
      }
      return cycle;
    },
    async rest() {
      await readOn();
      return cycles.splice(0);
    },
    async tail() {
      await readOn();
      return lines.map(parseLine);
    },
  };
}

/** All series that were read in a cycle: not the agent's own, nor states, which are written on change. */
export function seriesIn(cycle: Cycle): string[] {
  return cycle
    .points()
    .filter(({ measurement }) => !measurement.startsWith('podgauge') && !measurement.endsWith('_info'))
    .map(({ measurement, tags }) => [measurement, tags['pod'], tags['container'] ?? tags['interface'] ?? ''].join(' '))
    .toSorted();
}

function numbersOf({ fields }: Point): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => (typeof value === 'bigint' ? [[name, Number(value)]] : [])),
  );
}
