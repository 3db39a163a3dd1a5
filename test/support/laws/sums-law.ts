import type { Point } from '../../unit/write/parse-line.ts';
import type { Identities } from './identities.ts';
import { amount, createTally, milliseconds, podOf, type Law, type TakenCycle, type Tally } from './law.ts';

/**
 * What the kernel adds up from a cgroup to the one above it. Left out are user and system time, which it scales for each cgroup by
 * itself, and the counters of memory.stat, of which it keeps those of each cgroup back by their own rounding.
 */
const counters = ['cpu_usage_core_nanoseconds', 'memory_oom_kills', 'memory_max_events', 'memory_oom_events'] as const;
const gauges = ['memory_usage_bytes', 'memory_rss_bytes', 'memory_cache_bytes', 'pids'] as const;
const ioCounters = ['read_bytes', 'write_bytes', 'reads', 'writes'] as const;

/** What one pod and its containers said in one cycle, in fields of both. */
interface PodSums {
  readonly uid: string;
  readonly pod: Map<string, number>;
  /** By container. */
  readonly containers: Map<string, Map<string, number>>;
}

type CycleSums = ReadonlyMap<string, PodSums>;

/**
 * A pod has no less than its containers together. The pod is read first, so of what only grows its next reading has all that they
 * have now. Of what goes up and down, what it lacks is no more than what pod and containers changed by to one of the next cycles.
 */
export function createSumsLaw(identities: Identities): Law {
  const tallies = new Map<string, Tally>();
  for (const field of [...counters, ...gauges]) tallyOf(field);
  let before: CycleSums = new Map();
  let now: CycleSums = new Map();

  function tallyOf(field: string): Tally {
    let tally = tallies.get(field);
    if (tally === undefined) tallies.set(field, (tally = createTally(`pod has its containers' ${field}`)));
    return tally;
  }

  function checkCounters(name: string, { uid, containers, pod }: PodSums, next: PodSums | undefined, number: number): void {
    if (next?.uid !== uid) return;
    for (const field of namesIn(pod, 'counter')) {
      const sum = sumOf(containers, field);
      const later = next.pod.get(field);
      // Less than nothing it cannot have.
      if (later === undefined || sum === 0) continue;
      tallyOf(field).check(sum, later, () => `${name} in cycle ${number}: the containers against the pod a cycle later`);
    }
  }

  function checkGauges(name: string, { uid, containers, pod }: PodSums, others: readonly PodSums[], number: number): void {
    for (const field of namesIn(pod, 'gauge')) {
      const own = pod.get(field) ?? 0;
      const changes = others.map((other) =>
        other.uid === uid ? changeBetween(field, { uid, containers, pod }, other) : Infinity,
      );
      const change = Math.max(...changes, 0);
      // Alone in time it says nothing of how much it changes.
      const sum = sumOf(containers, field);
      if (others.length === 0 || change === Infinity || sum === 0) continue;
      tallyOf(field).check(sum - own, change, () => `${name} in cycle ${number}: containers ${sum}, pod ${own}`);
    }
  }

  return {
    take(cycle) {
      const next = sumsOf(cycle, identities);
      for (const [name, sums] of now) {
        const number = cycle.number - 1;
        checkCounters(name, sums, next.get(name), number);
        checkGauges(
          name,
          sums,
          [before.get(name), next.get(name)].filter((one) => one !== undefined),
          number,
        );
      }
      before = now;
      now = next;
    },
    verdicts: () => Array.from(tallies.values(), ({ verdict }) => verdict),
  };
}

function* namesIn(values: ReadonlyMap<string, number>, kind: 'counter' | 'gauge'): Iterable<string> {
  for (const name of values.keys()) if (gauges.some((gauge) => gauge === name) === (kind === 'gauge')) yield name;
}

function sumOf(containers: PodSums['containers'], field: string): number {
  let sum = 0;
  for (const values of containers.values()) sum += values.get(field) ?? 0;
  return sum;
}

function changeBetween(field: string, one: PodSums, other: PodSums): number {
  let change = Math.abs((one.pod.get(field) ?? 0) - (other.pod.get(field) ?? 0));
  for (const container of new Set([...one.containers.keys(), ...other.containers.keys()])) {
    const [own, others] = [one, other].map(({ containers }) => containers.get(container)?.get(field) ?? 0);
    change += Math.abs((own ?? 0) - (others ?? 0));
  }
  return change;
}

/** The points that were read in the cycle itself, not when something happened before it. */
function sumsOf({ number, beat, points }: TakenCycle, identities: Identities): CycleSums {
  const sums = new Map<string, PodSums>();
  for (const point of points) {
    const name = podOf(point);
    const identity = name === undefined ? undefined : identities.pod(name);
    if (name === undefined || identity === undefined || milliseconds(point) < milliseconds(beat)) continue;
    // In the cycle in which the name changes hands, the numbers may be those of the pod before.
    if (identity.before !== undefined && identity.since === number) continue;
    const uid = identity.id;
    const own = sums.get(name) ?? { uid, pod: new Map(), containers: new Map() };
    sums.set(name, own);
    const container = point.tags['container'] ?? '';
    const values = container === '' ? own.pod : (own.containers.get(container) ?? new Map<string, number>());
    if (container !== '') own.containers.set(container, values);
    for (const [field, value] of additive(point)) values.set(field, value);
  }
  return sums;
}

function additive(point: Point): readonly (readonly [string, number])[] {
  const { measurement, tags } = point;
  const isIo = measurement === 'k8s_pod_io' || measurement === 'k8s_container_io';
  if (!isIo && measurement !== 'k8s_pod' && measurement !== 'k8s_container') return [];
  const fields: readonly string[] = isIo ? ioCounters : [...counters, ...gauges];
  return fields.flatMap((field) => {
    const value = amount(point, field);
    return value === undefined ? [] : [[isIo ? `${field} of ${tags['device']}` : field, value] as const];
  });
}
