/** What the agent keeps, over the time of a test. */
import type { Point } from '../../unit/write/parse-line.ts';
import { amount } from './law.ts';

/** Of what it reads: when that is gone, so is this. */
const kept = ['pods', 'containers', 'descriptors', 'rate_bases'];
const podUid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** As a text, to be compared and to be read. */
export function keptAt(beat: Point): string {
  return kept.map((field) => `${field} ${amount(beat, field)}`).join(', ');
}

/** Whether each mark of what was logged is of something that stays, such as the node: a read of its own may be slow on a busy machine. */
export function keepsNoMarkOfPods(beat: Point, log: readonly string[]): boolean {
  return (amount(beat, 'log_marks') ?? Infinity) <= log.filter(isOfWhatStays).length;
}

function isOfWhatStays(line: string): boolean {
  if (!line.startsWith('{')) return false;
  const { kind, owner }: { kind?: unknown; owner?: unknown } = JSON.parse(line);
  return kind !== undefined && typeof owner === 'string' && !podUid.test(owner);
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
