import type { Point } from '../../unit/write/parse-line.ts';
import { amount, createTally, milliseconds, seriesOf, type Law, type TakenCycle } from './law.ts';

/** A point that was read this much later than its cycle began (milliseconds) has a time of its own. */
const latenessMs = 250;
const keptCycles = 400;
/** Times are told in milliseconds. */
const roundedMs = 1;

/** These have the times at which the kubelet looked at the file systems. */
function isOfFileSystems({ measurement }: Point): boolean {
  return measurement.endsWith('_fs') || measurement.endsWith('_volume');
}

/**
 * All points of a cycle have one time, but those that were read late or before it, and the first ones of a pod that had no name yet when
 * they were read in an earlier cycle; a series goes forward, never into the future.
 */
export function createTimesLaw(): Law {
  const lastOf = new Map<string, { readonly time: number; readonly cycle: number }>();
  const oneTime = createTally('one time a cycle');
  const forward = createTally('a series goes forward', 'ms');
  const past = createTally('no point of the future', 'ms');
  const once = createTally('one point a series and time');
  /** Times of the cycles before. */
  const beats = new Set<number>();
  let beatBefore = -Infinity;

  function check(point: Point, { number, beat, arrivedBefore }: TakenCycle): void {
    const time = milliseconds(point);
    const text = () => `${seriesOf(point)} at ${time}, cycle ${number} at ${milliseconds(beat)}`;
    past.check(time - arrivedBefore, roundedMs, text);
    const name = seriesOf(point);
    const last = lastOf.get(name);
    const wasHeld = beats.has(time) && (last === undefined || last.cycle === number);
    if (!isOfFileSystems(point)) oneTime.hold(wasHeld || isTimeIn(time, beat), text);
    lastOf.set(name, { time, cycle: number });
    if (last === undefined) return;
    forward.check(last.time - time, 0, () => `${text()}, after ${last.time}`);
    once.hold(last.time !== time || last.cycle === number, text);
  }

  function isTimeIn(time: number, beat: Point): boolean {
    const own = milliseconds(beat);
    const duration = (amount(beat, 'cycle_duration_nanoseconds') ?? 0) / 1e6;
    if (time === own) return true;
    return time < own ? time > beatBefore : time > own + latenessMs && time <= own + duration + 1;
  }

  return {
    take(cycle) {
      for (const point of [...cycle.points, cycle.beat]) check(point, cycle);
      beatBefore = milliseconds(cycle.beat);
      beats.add(beatBefore);
      if (cycle.number % keptCycles !== 0) return;
      for (const [name, last] of lastOf) if (last.cycle < cycle.number - keptCycles) lastOf.delete(name);
    },
    verdicts: () => [oneTime, forward, past, once].map(({ verdict }) => verdict),
  };
}
