/** `/proc/stat`: CPU time of the node, and its tasks. Documentation/filesystems/proc.rst, 1.7; proc_stat(5). */
import type { Count } from '../model.ts';
import { parseCount, scale } from './count.ts';
import { createFieldBounds, encode, forEachLine, startsWith } from './lines.ts';
import type { Malformed } from './parser.ts';
import { findNamed } from './sections.ts';

/** Times are sums over all CPUs, exact to a tick of 10 ms. */
export interface CpuTimes {
  /** Guests are part of it. */
  readonly userNanoseconds: Count | undefined;
  /** User time at lowered priority, which is no part of that. */
  readonly niceNanoseconds: Count | undefined;
  readonly systemNanoseconds: Count | undefined;
  /** This and the next may fall: the kernel says so. */
  readonly idleNanoseconds: Count | undefined;
  readonly iowaitNanoseconds: Count | undefined;
  readonly irqNanoseconds: Count | undefined;
  readonly softirqNanoseconds: Count | undefined;
  readonly stealNanoseconds: Count | undefined;
  /** CPUs that are online; absent where any line was reported: it may have been one of theirs. */
  readonly cpus: number | undefined;
  /** Unix time. */
  readonly bootTimeSeconds: Count | undefined;
  readonly contextSwitches: Count | undefined;
  /** Processes and threads that were made since the boot. */
  readonly forks: Count | undefined;
  readonly runningTasks: Count | undefined;
  /** Tasks that wait for I/O. */
  readonly blockedTasks: Count | undefined;
}

/** USER_HZ is 100 on every architecture that Linux's user interface knows. */
const nanosecondsPerTick = 10_000_000;
const cpu = encode('cpu');
/** Those of the row of all CPUs: user nice system idle iowait irq softirq steal, before guest and guest_nice. */
const times = 8;
const names = ['btime', 'ctxt', 'processes', 'procs_running', 'procs_blocked'].map((name, place) => ({
  name: encode(name),
  place,
}));
const fields = createFieldBounds(times + 1);

/** Reported are a row of CPU time that is none, a value that is no count, and a line that is no `name value …`. */
export function parseCpuTimes(bytes: Uint8Array, end: number, malformed: Malformed): CpuTimes {
  const ticks: (Count | undefined)[] = [];
  const values: (Count | undefined)[] = names.map(() => undefined);
  let rows = 0;
  let after = false;
  let whole = true;

  function report(start: number, stop: number): void {
    whole = false;
    malformed(start, stop);
  }

  forEachLine(bytes, end, report, (start, stop) => {
    const count = fields.split(bytes, start, stop);
    if (count < 2 || fields.start(0) !== start) return false;
    if (startsWith(bytes, start, stop, cpu)) {
      if (count <= times || !isCounts(bytes, times)) return false;
      if (fields.end(0) > start + cpu.length) {
        if (parseCount(bytes, start + cpu.length, fields.end(0)) === undefined) return false;
        rows += 1;
      } else if (ticks.length === 0) for (let field = 1; field <= times; field += 1) ticks.push(valueOf(bytes, field));
      return true;
    }
    // The rows of the CPUs come first: a file that was cut among them has no line of another name.
    after = true;
    const named = findNamed(names, bytes, start, fields.end(0));
    if (named === undefined) return true;
    const value = valueOf(bytes, 1);
    values[named.place] ??= value;
    return value !== undefined;
  });
  const [user, nice, system, idle, iowait, irq, softirq, steal] = ticks.map(nanoseconds);
  const [bootTimeSeconds, contextSwitches, forks, runningTasks, blockedTasks] = values;
  return {
    userNanoseconds: user,
    niceNanoseconds: nice,
    systemNanoseconds: system,
    idleNanoseconds: idle,
    iowaitNanoseconds: iowait,
    irqNanoseconds: irq,
    softirqNanoseconds: softirq,
    stealNanoseconds: steal,
    cpus: whole && after && rows > 0 ? rows : undefined,
    bootTimeSeconds,
    contextSwitches,
    forks,
    runningTasks,
    blockedTasks,
  };
}

function isCounts(bytes: Uint8Array, most: number): boolean {
  for (let field = 1; field <= most; field += 1) if (valueOf(bytes, field) === undefined) return false;
  return true;
}

function valueOf(bytes: Uint8Array, field: number): Count | undefined {
  return parseCount(bytes, fields.start(field), fields.end(field));
}

function nanoseconds(ticks: Count | undefined): Count | undefined {
  return ticks === undefined ? undefined : scale(ticks, nanosecondsPerTick);
}
