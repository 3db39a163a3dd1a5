/** How far the clock of a server is from this host's, by the head of an answer. */
import { finding } from './finding.ts';
import type { Finding, Kind } from './finding.ts';

export interface ClockKinds {
  readonly agrees: Kind;
  readonly differs: Kind;
}

export function clockKinds(what: string, of: string): ClockKinds {
  return {
    agrees: { level: 'ok', what, when: `the clock of ${of} and this host's are at most 5 s apart` },
    differs: {
      level: 'warn',
      what,
      when: `the clock of ${of} and this host's are more than 5 s apart`,
      remedy: "let NTP set both: points carry this host's time, and certificates and tokens are dated",
    },
  };
}

const mostMilliseconds = 5000;

/**
 * `date` is of an answer (RFC 9110, 6.6.1: whole seconds) to a request that was sent and answered at these Unix milliseconds. Only what
 * the time under way cannot explain counts. No finding without a date.
 */
export function checkClock(kinds: ClockKinds, date: string | undefined, sent: number, answered: number): readonly Finding[] {
  const second = Date.parse(date ?? '');
  if (Number.isNaN(second)) return [];
  const ahead = sent - (second + 1000);
  const behind = second - answered;
  const apart = Math.max(ahead, behind);
  if (apart <= mostMilliseconds) return [finding(kinds.agrees, 'agrees with the clock of this host')];
  const seconds = `${Math.round(apart / 1000)} s`;
  return [finding(kinds.differs, `this host is ${seconds} ${ahead > behind ? 'ahead' : 'behind'}`)];
}
