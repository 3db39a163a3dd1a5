import type { Cardinality } from './cardinality.ts';
import type { Meters } from './collect/meters.ts';
import type { Tracker } from './collect/tracker.ts';
import type { HeldStats } from './derive/held.ts';
import type { Rates } from './derive/rates.ts';
import type { Descriptors } from './host/descriptors.ts';
import type { Problems } from './problems.ts';
import type { Progress } from './progress.ts';
import type { PodWatch } from './watch/pods.ts';
import type { Writer } from './write/writer.ts';

/** What podgauge itself used so far. */
export interface OwnUsage {
  readonly cpuNanoseconds: number;
  readonly rssBytes: number;
}

/**
 * What podgauge knows of itself. Each part counts for itself and says what is so now: the heartbeat writes it to InfluxDB, and
 * `/metrics` shows it to whoever asks.
 */
export interface Own {
  /** Unix time in milliseconds. */
  readonly startedAt: number;
  readonly progress: Progress;
  readonly tracker: Pick<Tracker, 'pods' | 'containers'>;
  readonly rates: Pick<Rates, 'bases'>;
  readonly descriptors: Pick<Descriptors, 'open' | 'max'>;
  readonly problems: Pick<Problems, 'counts' | 'marks'>;
  readonly writer: Pick<Writer, 'stats'>;
  readonly queueMaxBytes: number;
  /** Absent where no API server is asked. */
  readonly watch: Pick<PodWatch, 'stats'> | undefined;
  /** Absent where every pod has its name from the start. */
  readonly held: HeldStats | undefined;
  /** Absent where nothing is kept for the next start. */
  readonly savingProblems: Pick<Problems, 'counts'> | undefined;
  readonly meters: Meters;
  readonly cardinality: {
    readonly census: Pick<Cardinality['census'], 'byMeasurement' | 'total'>;
    readonly podTags: Pick<Cardinality['podTags'], 'folded'>;
  };
  /** Monotonic milliseconds. */
  now(): number;
  usage(): OwnUsage;
}
