import { measurements } from '../../../src/metrics/measurements.ts';
import type { Metric } from '../../../src/metrics/metric.ts';
import { metrics } from '../../../src/metrics/table.ts';
import type { Point } from '../../unit/write/parse-line.ts';
import { identityOf, type Identities, type Identity } from './identities.ts';
import { createTally, seriesOf, type Law } from './law.ts';

interface Series {
  readonly values: Map<string, bigint>;
  seenIn: number;
  /** In which cycle the identity was told of that the values are of. */
  since: number;
  /** How often the counters may begin anew now. */
  beginnings: number;
}

const keptCycles = 400;

const rows: readonly Metric[] = metrics;
const countersOf = new Map(Object.keys(measurements).map((name) => [name, countersIn(name)]));

function countersIn(measurement: string): readonly string[] {
  return rows.flatMap(({ kind, field, in: all }) =>
    kind === 'counter' && all.some((one) => one === measurement) ? [field] : [],
  );
}

/**
 * What the metric table calls a counter never falls for one identity. Where another one came under its name, all counters of a
 * point may begin anew, once a run: in the cycle that tells of it, or in the one after it.
 */
export function createCountersLaw(identities: Identities): Law {
  const known = new Map<string, Series>();
  const tally = createTally('counters never fall');

  function take(point: Point, number: number): void {
    const counters = countersOf.get(point.measurement) ?? [];
    const identity = identityOf(identities, point);
    const name = seriesOf(point);
    const series = known.get(name) ?? begin(name, identity, number);
    series.seenIn = number;
    renew(series, identity, number);
    const values = counters.flatMap((field) => {
      const value = point.fields[field];
      return typeof value === 'bigint' ? [[field, value] as const] : [];
    });
    const fallen = values.filter(([field, value]) => value < (series.values.get(field) ?? value));
    if (fallen.length > 0 && series.beginnings > 0) {
      series.beginnings -= 1;
      series.values.clear();
    } else {
      tally.hold(fallen.length === 0, () => {
        const falls = fallen.map(([field, value]) => `${field} from ${series.values.get(field)} to ${value}`);
        return `${name} at ${point.time} in cycle ${number}, ${identity?.id} since ${identity?.since}: ${falls.join(', ')}`;
      });
    }
    for (const [field, value] of values) series.values.set(field, value);
  }

  function begin(name: string, identity: Identity | undefined, number: number): Series {
    const isNew = identity !== undefined && identity.since >= number - 1;
    const beginnings = isNew ? identity.runs - 1 : 0;
    const series = { values: new Map(), seenIn: number, since: identity?.since ?? 0, beginnings };
    known.set(name, series);
    return series;
  }

  return {
    take({ number, points, beat }) {
      for (const point of [...points, beat]) take(point, number);
      if (number % keptCycles !== 0) return;
      for (const [name, { seenIn }] of known) if (seenIn < number - keptCycles) known.delete(name);
    },
    verdicts: () => [tally.verdict],
  };
}

function renew(series: Series, identity: Identity | undefined, number: number): void {
  if (identity === undefined) return;
  if (identity.since > series.since) {
    series.since = identity.since;
    series.beginnings += identity.runs;
  }
  if (series.beginnings === 0 || number <= identity.since + 1) return;
  // They did begin anew, and higher than where those before had ended.
  series.beginnings = 0;
  series.values.clear();
}
