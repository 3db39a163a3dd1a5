/** How the agent's watch went, for whoever wants to know why a pod's points came late or stayed long. */
import type { Point } from '../../unit/write/parse-line.ts';
import { amount } from './law.ts';

export interface WatchCourse {
  take(beat: Point): void;
  /** A line for each change: requests that were made, and the silences that were longer than a few cycles and are over. */
  lines(): string[];
}

const silentSeconds = 5;

export function createWatchCourse(): WatchCourse {
  const found: string[] = [];
  let told = '';
  let silence: { readonly from: number; longest: number } | undefined;

  /** One line for all cycles of it. */
  function endSilence(cycle: number): void {
    if (silence !== undefined) found.push(`cycle ${silence.from} to ${cycle}: silent for up to ${silence.longest} s`);
    silence = undefined;
  }

  return {
    take(beat) {
      const cycle = amount(beat, 'sequence') ?? NaN;
      const [lists, starts, silent = 0] = ['watch_lists', 'watch_starts', 'watch_age_seconds'].map((name) =>
        amount(beat, name),
      );
      const requests = `lists ${lists}, watches ${starts}`;
      if (requests !== told || silent < silentSeconds) endSilence(cycle - 1);
      if (requests !== told) found.push(`cycle ${cycle}: ${requests}`);
      told = requests;
      if (silent < silentSeconds) return;
      silence ??= { from: cycle, longest: silent };
      silence.longest = Math.max(silence.longest, silent);
    },
    lines: () => found,
  };
}
