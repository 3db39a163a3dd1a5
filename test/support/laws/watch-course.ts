/** How the agent's watch went, for whoever wants to know why a pod's points came late or stayed long. */
import type { Point } from '../../unit/write/parse-line.ts';
import { amount } from './law.ts';

export interface WatchCourse {
  take(beat: Point): void;
  /** A line for each change: requests that were made, and the silences that were longer than a few cycles. */
  lines(): string[];
}

const silentSeconds = 5;

export function createWatchCourse(): WatchCourse {
  const found: string[] = [];
  let told = '';
  return {
    take(beat) {
      const [lists, starts, silent = 0] = ['watch_lists', 'watch_starts', 'watch_age_seconds'].map((name) =>
        amount(beat, name),
      );
      const requests = `lists ${lists}, watches ${starts}`;
      if (requests === told && silent < silentSeconds) return;
      told = requests;
      found.push(`cycle ${amount(beat, 'sequence')}: ${requests}, silent for ${silent} s`);
    },
    lines: () => found,
  };
}
