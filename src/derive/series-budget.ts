import type { Naming } from '../collect/pod-tags.ts';
import type { Pod } from '../model.ts';
import type { Logger } from '../problems.ts';
import type { SeriesCensus } from './series-census.ts';

/** Decides under which name a pod that comes may be written. */
export interface SeriesBudget {
  nameBy(pod: Pod): Naming;
  /** To be called once a cycle, when what came in it is written and thereby counted. */
  settle(): void;
}

export interface SeriesBudgetOptions {
  /** Series from which on pods are folded; 0 for none. */
  readonly cap: number;
  readonly census: Pick<SeriesCensus, 'total'>;
  readonly log: Logger;
}

/** Folding ends when the series are fewer than this share of the cap: not at the cap, where it would begin again at once. */
const endShare = 0.9;
/** From here on workloads are too many as well, and pods are folded by namespace. */
const excessShare = 1.1;

export function createSeriesBudget({ cap, census, log }: SeriesBudgetOptions): SeriesBudget {
  let folding = false;
  /** Series of pods that were let in and have not been written yet. */
  let awaited = 0;

  function update(series: number): void {
    if (!folding && series >= cap) {
      folding = true;
      log.warn(
        { series, maxSeries: cap },
        'The cap of series is reached, new pods are written together under their workload: raise --max-series, or leave out ' +
          'namespaces with --namespaces',
      );
    } else if (folding && series < cap * endShare) {
      folding = false;
      log.info({ series, maxSeries: cap }, 'New pods are written under their own names again');
    }
  }

  return {
    nameBy(pod) {
      if (cap === 0) return 'own';
      const series = census.total + awaited;
      update(series);
      if (folding) return series < cap * excessShare ? 'workload' : 'namespace';
      awaited += leastSeries(pod);
      return 'own';
    },
    settle() {
      awaited = 0;
    },
  };
}

/** The measurement and the info measurement of the pod and of each container; devices and interfaces show only later. */
function leastSeries({ containers }: Pod): number {
  return 2 + 2 * containers.length;
}
