/** What the agent keeps, over the time of a test. */
import type { Point } from '../../unit/write/parse-line.ts';
import { amount } from './law.ts';

/** Of what it reads: when that is gone, so is this. */
const kept = ['pods', 'containers', 'descriptors', 'rate_bases', 'log_marks'];

/** As a text, to be compared and to be read. */
export function keptAt(beat: Point): string {
  return kept.map((field) => `${field} ${amount(beat, field)}`).join(', ');
}

export interface MemoryCourse {
  take(beat: Point): void;
  /** The median of the resident memory over each tenth of the heartbeats so far, in MiB. */
  tenths(): number[];
}

export function createMemoryCourse(): MemoryCourse {
  const sizes: number[] = [];

  function medianOf(tenth: number): number {
    const [from = 0, to = 0] = [tenth, tenth + 1].map((one) => Math.floor((one * sizes.length) / 10));
    const own = sizes.slice(from, to).toSorted((one, other) => one - other);
    return own[Math.floor(own.length / 2)] ?? NaN;
  }

  return {
    take: (beat) => void sizes.push((amount(beat, 'rss_bytes') ?? NaN) / (1024 * 1024)),
    tenths: () => Array.from({ length: 10 }, (_, tenth) => Math.round(medianOf(tenth) * 10) / 10),
  };
}
