/** Holds a loop to so many steps a second. */

export interface PaceOptions {
  readonly perSecond: number;
  /** Monotonic milliseconds. */
  now(): number;
  sleep(milliseconds: number): void;
}

/** What was not used is not saved up for longer than this: a pause is not followed by a burst. */
const savedMilliseconds = 20;

/** Takes steps that were made, and sleeps where there were too many for the time since the last. */
export function createPace({ perSecond, now, sleep }: PaceOptions): (steps: number) => void {
  let paidUntil = -Infinity;
  return (steps) => {
    const time = now();
    paidUntil = Math.max(paidUntil + (steps * 1000) / perSecond, time - savedMilliseconds);
    if (paidUntil > time) sleep(paidUntil - time);
  };
}
