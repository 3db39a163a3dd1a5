import type { Point } from '../../unit/write/parse-line.ts';
import { amount, createTally, durationOf, milliseconds, seriesOf, type Law, type TakenCycle, type Tally } from './law.ts';
import type { Pauses } from './pauses.ts';

/** What the agent's node is like, as far as it sets bounds. */
export interface Physics {
  /**
   * For how long the node's kernel may not run, or not look at its clock, at once (milliseconds), beside the pauses that were seen. It
   * then counts that time for whoever runs next, whatever the quota; what is too much is taken off again later.
   */
  readonly pauseMs: number;
  readonly pauses: Pauses;
  /** Memory that the kernel may charge above a limit: bytes. */
  readonly chargedAhead: number;
}

/** Shares are written with four digits. */
const shareDigit = 0.0001;
/** What is read within a cycle that read the same already, or so shortly after that one, has no rate, and the next rate is since that one. */
const endMs = 21;
/** Of the quota: the kubelet sets no other. */
const quotaPeriodMs = 100;
/** By then what a pause added beyond the quota is taken off again (milliseconds). */
const repaidWithin = 60_000;
/** A point waits for two minutes at most. */
const keptBeats = 100;

interface Base {
  readonly usage: number;
  readonly time: number;
  /** Of the cycle in which it was read, or came, where that took longer. */
  readonly durationMs: number;
  readonly cycle: number;
  /** In all since the first reading of the same run. */
  run: { readonly grown: number; readonly betweenMs: number };
}

/** Nothing uses more than there is, or than it is allowed to. */
export function createSharesLaw({ pauseMs, pauses, chargedAhead }: Physics): Law {
  const bases = new Map<string, Base>();
  /** Of the last cycles: what was read in one may wait for its name until a later one. */
  const beats: Point[] = [];
  const excesses: Excess[] = [];
  let cores = 1;
  const used = createTally('CPU used ≤ the cores of the node', 'ms');
  const rated = createTally('CPU used as a rate agrees with the counter', 'ms');
  const usedInAll = createTally('CPU used since the first reading ≤ the cores of the node', 'ms');
  const quota = createTally('CPU used ≤ the limit and what one period of it adds', 'ms');
  const quotaInAll = createTally('CPU used since the first reading ≤ the limit and what one period of it adds', 'ms');
  const share = createTally('cpu_usage_share_of_limit is of the limit', 'shares');
  const throttled = createTally('throttled share and periods within all periods');
  const pressure = createTally('pressure within 0 to 100', '%');
  const workingSet = createTally('working set ≤ usage', 'bytes');
  const memory = createTally('memory ≤ limit and what is charged ahead', 'bytes');
  const memoryShare = createTally('memory_working_set_share_of_limit ≤ 1 and what is charged ahead', 'shares');
  const pids = createTally('pids ≤ limit', 'pids');

  function checkCpu(point: Point, { number, beat }: TakenCycle): void {
    const usage = amount(point, 'cpu_usage_core_nanoseconds');
    if (usage === undefined) return;
    const name = seriesOf(point);
    const base = bases.get(name);
    const time = milliseconds(point);
    const readIn = beats.findLast((one) => isWithin(time, one)) ?? beat;
    const durationMs = Math.max(durationOf(readIn), durationOf(beat));
    const now = { usage: usage / 1e6, time, durationMs, cycle: number, run: { grown: 0, betweenMs: 0 } };
    const nanocores = amount(point, 'cpu_usage_nanocores');
    if (nanocores === undefined && isBeside(base, now)) return;
    bases.set(name, now);
    if (base === undefined || nanocores === undefined) return;
    checkRate({ name, point, base, now, nanocores });
  }

  function checkRate({ name, point, base, now, nanocores }: Rate): void {
    const grown = now.usage - base.usage;
    const text = () => `${name} at ${now.time} in cycle ${now.cycle}: ${nanocores} nanocores, ${grown} ms since ${base.time}`;
    // The time between the two readings by the agent's own clock; of next to nothing that cannot be told.
    const isTold = nanocores > 1000;
    const betweenMs = isTold ? (grown * 1e9) / nanocores : now.time - base.time;
    const ofLimit = amount(point, 'cpu_usage_share_of_limit');
    const limit = amount(point, 'cpu_limit_nanocores');
    if (ofLimit !== undefined && limit !== undefined) share.check(Math.abs(ofLimit - nanocores / limit), shareDigit, text);
    if (isTold) checkTime({ base, now, betweenMs, text });
    now.run = { grown: base.run.grown + grown, betweenMs: base.run.betweenMs + betweenMs };
    used.check(grown - cores * betweenMs, cores * pauseMs, text);
    usedInAll.check(now.run.grown - cores * now.run.betweenMs, cores * pauseMs, text);
    if (limit === undefined) return;
    const tooMuchOf = (run: Base['run']): number => run.grown - (limit / 1e9) * (run.betweenMs + quotaPeriodMs);
    const to = now.time + now.durationMs;
    const runFrom = Math.max(to - now.run.betweenMs, to - repaidWithin);
    const allowed = pauseMs;
    check({ tally: quota, ms: tooMuchOf({ grown, betweenMs }), allowed, from: base.time, to, text });
    check({ tally: quotaInAll, ms: tooMuchOf(now.run), allowed, from: Math.min(base.time, runFrom), to, text });
  }

  /** The moments at which the counter was read are told by the rate: each within its cycle, or soon after the time of its point. */
  function checkTime({ base, now, betweenMs, text }: { base: Base; now: Base; betweenMs: number; text: () => string }): void {
    const ms = Math.abs(betweenMs - (now.time - base.time));
    const allowed = Math.max(base.durationMs, now.durationMs) + 1;
    check({ tally: rated, ms, allowed, from: base.time, to: now.time + ms, text });
  }

  function check(excess: Excess): void {
    const { tally, ms, allowed, text } = excess;
    if (ms > allowed) excesses.push(excess);
    else tally.check(ms, allowed, text);
  }

  function checkShares(point: Point): void {
    const text = () => `${seriesOf(point)} at ${milliseconds(point)}`;
    const of = amount(point, 'cpu_cfs_throttled_share');
    if (of !== undefined) throttled.hold(of >= 0 && of <= 1, () => `${of} of ${text()}`);
    atMost(throttled, amount(point, 'cpu_cfs_throttled_periods'), amount(point, 'cpu_cfs_periods'), text);
    for (const [field, value] of Object.entries(point.fields)) {
      if (!/_pressure_.*_percent$/.test(field)) continue;
      pressure.check(Math.abs(Number(value) - 50), 50, () => `${field} of ${text()}`);
    }
    atMost(pids, amount(point, 'pids'), amount(point, 'pids_limit'), text);
  }

  function checkMemory(point: Point): void {
    const text = () => `${seriesOf(point)} at ${milliseconds(point)}`;
    const usage = amount(point, 'memory_usage_bytes');
    const set = amount(point, 'memory_working_set_bytes');
    const limit = amount(point, 'memory_effective_limit_bytes');
    atMost(workingSet, set, usage, text);
    for (const most of [limit, amount(point, 'memory_limit_bytes')])
      if (most !== undefined) atMost(memory, usage, most + chargedAhead, text);
    const of = amount(point, 'memory_working_set_share_of_limit');
    if (limit !== undefined && of !== undefined) memoryShare.check(of, 1 + chargedAhead / limit, text);
  }

  return {
    take(cycle) {
      for (const point of cycle.points) {
        cores = point.measurement === 'k8s_node' ? (amount(point, 'cpu_count') ?? cores) : cores;
        checkCpu(point, cycle);
        checkShares(point);
        checkMemory(point);
      }
      beats.push(cycle.beat);
      if (beats.length > keptBeats) beats.shift();
      for (const [name, { cycle: last }] of bases) if (last < cycle.number - 30) bases.delete(name);
    },
    verdicts() {
      for (const { tally, ms, allowed, from, to, text } of excesses.splice(0))
        tally.check(ms, allowed + pauses.within(from, to), text);
      const tallies = [
        used,
        usedInAll,
        rated,
        quota,
        quotaInAll,
        share,
        throttled,
        pressure,
        workingSet,
        memory,
        memoryShare,
        pids,
      ];
      return tallies.map(({ verdict }) => verdict);
    },
  };
}

/** Whether the cycle of this heartbeat was under way. */
function isWithin(time: number, beat: Point): boolean {
  const begun = milliseconds(beat);
  return time >= begun && time <= begun + durationOf(beat) + 1;
}

function isBeside(base: Base | undefined, now: Base): boolean {
  if (base === undefined || now.usage < base.usage) return false;
  return now.time - base.time <= Math.max(base.durationMs, now.durationMs) + endMs;
}

/** Beyond what is allowed without a pause: judged in the end, when all is known of the pauses. */
interface Excess {
  readonly tally: Tally;
  readonly ms: number;
  readonly allowed: number;
  readonly from: number;
  readonly to: number;
  readonly text: () => string;
}

interface Rate {
  readonly name: string;
  readonly point: Point;
  readonly base: Base;
  readonly now: Base;
  readonly nanocores: number;
}

function atMost(tally: Tally, value: number | undefined, most: number | undefined, describe: () => string): void {
  if (value !== undefined && most !== undefined) tally.check(value, most, describe);
}
