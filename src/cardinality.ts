/** How many series there may be, and what is written of pods that would be too many. */
import { createPodTags } from './collect/pod-tags.ts';
import type { NodeTags, PodTags } from './collect/pod-tags.ts';
import type { Config } from './config/config.ts';
import { createFold } from './derive/fold.ts';
import type { Fold } from './derive/fold.ts';
import { createSeriesBudget } from './derive/series-budget.ts';
import { createSeriesCensus } from './derive/series-census.ts';
import type { SeriesCensus } from './derive/series-census.ts';
import type { Logger } from './problems.ts';
import type { EncoderOptions } from './write/line-protocol.ts';

export interface Cardinality {
  readonly podTags: PodTags;
  readonly fold: Fold;
  readonly census: SeriesCensus;
  /** What the encoder has to know of it. */
  readonly encoder: EncoderOptions;
}

export interface CardinalityOptions {
  readonly config: Pick<Config, 'pods' | 'maxSeries'>;
  readonly nodeTags: NodeTags;
  readonly log: Logger;
  /** Monotonic milliseconds. */
  now(): number;
  /** Whether there is a pod of this UID. */
  exists(uid: string): boolean;
  /** Whether there may be pods that are not known yet. */
  isStarting(): boolean;
}

export function openCardinality({ config, nodeTags, log, now, exists, isStarting }: CardinalityOptions): Cardinality {
  const { tags, infoFields } = config.pods;
  const census = createSeriesCensus(now);
  const budget = createSeriesBudget({ cap: config.maxSeries, census, log });
  const podTags = createPodTags({ nodeTags, properties: tags, nameBy: budget.nameBy, exists });
  const fold = createFold(now, isStarting);
  return {
    podTags,
    census,
    fold: {
      take: fold.take,
      takeBetween: fold.takeBetween,
      flush(time) {
        const samples = fold.flush(time);
        podTags.sweep();
        census.advance();
        budget.settle();
        return samples;
      },
    },
    encoder: {
      census,
      additions: { podTags: tags.map(({ name }) => name), infoFields: infoFields.map(({ name }) => name) },
    },
  };
}
