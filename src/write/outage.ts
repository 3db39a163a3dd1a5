import type { Logger } from '../problems.ts';

/** Says when a target stops taking points and when it does again, not each attempt between. */
export interface Outage {
  /** An attempt failed. Each reason is logged once in an outage, at most a few of them. */
  failed(reason: string, waitingPoints: number): void;
  /** The target answered as it should. */
  ended(waitingPoints: number): void;
}

/** Reasons logged in one outage, so that a server which words each answer anew cannot fill the log. */
const mostReasons = 8;

/** `now` is in milliseconds of a monotonic clock. */
export function createOutage(now: () => number, log: Logger): Outage {
  const reasons = new Set<string>();
  let since = 0;
  return {
    failed(reason, waitingPoints) {
      if (reasons.has(reason) || reasons.size >= mostReasons) return;
      if (reasons.size === 0) since = now();
      reasons.add(reason);
      log.warn({ reason, waitingPoints }, 'Target does not take points: they wait');
    },
    ended(waitingPoints) {
      if (reasons.size === 0) return;
      reasons.clear();
      log.info({ seconds: Math.round((now() - since) / 1000), waitingPoints }, 'Target takes points again');
    },
  };
}
