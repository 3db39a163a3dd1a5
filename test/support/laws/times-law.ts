import type { Point } from '../../unit/write/parse-line.ts';
import { amount, createTally, durationOf, milliseconds, podOf, seriesOf, type Law, type TakenCycle } from './law.ts';

/** A point that was read this much later than its cycle began (milliseconds) has a time of its own. */
const latenessMs = 250;
/** So long a point waits for the name of its pod: two minutes, and the cycle in which it was read. */
const heldMs = 122_000;
const keptCycles = 400;
/** Times are told in milliseconds. */
const roundedMs = 1;

/** These have the times at which the kubelet looked at the file systems. */
function isOfFileSystems({ measurement }: Point): boolean {
  return measurement.endsWith('_fs') || measurement.endsWith('_volume');
}

/**
 * All points of a cycle have one time, but those that were read late or before it, and the first ones of a pod that had no name yet when
 * they were read, in an earlier cycle or before that; a series goes forward, never into the future.
 */
export function createTimesLaw(): Law {
  /** The last point of each series, and the cycle in which its first one came. */
  const lastOf = new Map<string, { readonly time: number; readonly cycle: number; readonly since: number }>();
  const oneTime = createTally('one time a cycle');
  const forward = createTally('a series goes forward', 'ms');
  const past = createTally('no point of the future', 'ms');
  const once = createTally('one point a series and time');
  let beatBefore = -Infinity;
  /** Points that had no name yet at that beat. */
  let heldBefore = 0;

  function check(point: Point, { number, beat, arrivedBefore }: TakenCycle): void {
    const time = milliseconds(point);
    const text = () => `${seriesOf(point)} at ${time}, cycle ${number} at ${milliseconds(beat)}`;
    past.check(time - arrivedBefore, roundedMs, text);
    const name = seriesOf(point);
    const last = lastOf.get(name);
    const since = last?.since ?? number;
    const mayBeHeld = podOf(point) !== undefined && since === number;
    if (!isOfFileSystems(point)) oneTime.hold((mayBeHeld && isHeldTime(time)) || isTimeIn(time, beat), text);
    lastOf.set(name, { time, cycle: number, since });
    if (last === undefined) return;
    forward.check(last.time - time, 0, () => `${text()}, after ${last.time}`);
    once.hold(last.time !== time || last.cycle === number, text);
  }

  function isHeldTime(time: number): boolean {
    return heldBefore > 0 && time <= beatBefore && time >= beatBefore - heldMs;
  }

  function isTimeIn(time: number, beat: Point): boolean {
    const own = milliseconds(beat);
    if (time === own) return true;
    return time < own ? time > beatBefore : time > own + latenessMs && time <= own + durationOf(beat) + 1;
  }

  return {
    take(cycle) {
      for (const point of [...cycle.points, cycle.beat]) check(point, cycle);
      beatBefore = milliseconds(cycle.beat);
      heldBefore = amount(cycle.beat, 'points_held') ?? 0;
      if (cycle.number % keptCycles !== 0) return;
      for (const [name, last] of lastOf) if (last.cycle < cycle.number - keptCycles) lastOf.delete(name);
    },
    verdicts: () => [oneTime, forward, past, once].map(({ verdict }) => verdict),
  };
}
