import { measurements } from '../../../src/metrics/measurements.ts';
import type { Metric } from '../../../src/metrics/metric.ts';
import { metrics } from '../../../src/metrics/table.ts';
import type { Point } from '../../unit/write/parse-line.ts';
import type { CgroupEnds } from './cgroup-ends.ts';
import { identityOf, type Identities, type Identity } from './identities.ts';
import { createTally, milliseconds, seriesOf, type Law } from './law.ts';

interface Series {
  readonly values: Map<string, bigint>;
  /** Unix time in milliseconds of its first point, or of that in which its counters fell last. */
  begunAt: number;
  seenIn: number;
  /** In which cycle the identity was told of that the values are of. */
  since: number;
  /** How often the counters may begin anew now. */
  beginnings: number;
}

/** Counters of a pod's network that fell while the pod stayed: judged in the end, when all is known of its sandboxes. */
interface Fall {
  readonly uid: string;
  readonly after: number;
  readonly until: number;
  readonly text: string;
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
 * point may begin anew, once a run: in the cycle that tells of it, or in the one after it. A pod's network is that of its sandbox, which
 * may die of the pod's limit and be made anew: its counters begin anew where a cgroup of the pod was removed that was no container's.
 */
export function createCountersLaw(identities: Identities, ends: Pick<CgroupEnds, 'within'>): Law {
  const known = new Map<string, Series>();
  const tally = createTally('counters never fall');
  const falls: Fall[] = [];
  const explained = new Set<string>();

  function take(point: Point, number: number): void {
    const counters = countersOf.get(point.measurement) ?? [];
    const identity = identityOf(identities, point);
    const name = seriesOf(point);
    const series = known.get(name) ?? begin(name, identity, { number, at: milliseconds(point) });
    series.seenIn = number;
    renew(series, identity, number);
    const values = counters.flatMap((field) => {
      const value = point.fields[field];
      return typeof value === 'bigint' ? [[field, value] as const] : [];
    });
    const fallen = values.filter(([field, value]) => value < (series.values.get(field) ?? value));
    const text = () => {
      const each = fallen.map(([field, value]) => `${field} from ${series.values.get(field)} to ${value}`);
      return `${name} at ${point.time} in cycle ${number}, ${identity?.id} since ${identity?.since}: ${each.join(', ')}`;
    };
    if (fallen.length > 0 && series.beginnings > 0) {
      series.beginnings -= 1;
      series.values.clear();
    } else if (fallen.length > 0 && point.measurement === 'k8s_pod_network' && identity !== undefined) {
      falls.push({ uid: identity.id, after: series.begunAt, until: milliseconds(point), text: text() });
      series.values.clear();
      series.begunAt = milliseconds(point);
    } else {
      tally.hold(fallen.length === 0, text);
    }
    for (const [field, value] of values) series.values.set(field, value);
  }

  function begin(
    name: string,
    identity: Identity | undefined,
    { number, at }: { readonly number: number; readonly at: number },
  ): Series {
    const isNew = identity !== undefined && identity.since >= number - 1;
    const beginnings = isNew ? identity.runs - 1 : 0;
    const series = { values: new Map(), begunAt: at, seenIn: number, since: identity?.since ?? 0, beginnings };
    known.set(name, series);
    return series;
  }

  /**
   * A sandbox that is gone explains one fall. It may be gone for a while before the counters fall: its network stays as long as a
   * process of the pod is in it.
   */
  function hadAnotherSandbox({ uid, after, until }: Fall): boolean {
    const gone = ends
      .within(uid)
      .find(({ id, at }) => at > after && at <= until && !explained.has(id) && !identities.isContainer(id));
    if (gone !== undefined) explained.add(gone.id);
    return gone !== undefined;
  }

  return {
    take({ number, points, beat }) {
      for (const point of [...points, beat]) take(point, number);
      if (number % keptCycles !== 0) return;
      for (const [name, { seenIn }] of known) if (seenIn < number - keptCycles) known.delete(name);
    },
    verdicts() {
      for (const fall of falls.splice(0)) tally.hold(hadAnotherSandbox(fall), () => fall.text);
      return [tally.verdict];
    },
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
