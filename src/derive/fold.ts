import { all } from '../collect/pod-tags.ts';
import { subtractFloorZero, sum } from '../host/count.ts';
import type { Measurement } from '../metrics/measurements.ts';
import type { TableRow } from '../metrics/table.ts';
import { rowsOf } from '../metrics/table.ts';
import type { Count, FieldValue, Sample, Tags } from '../model.ts';

/** Adds up the samples of pods that are written together. */
export interface Fold {
  /** Keeps those samples, and gives back all others. */
  take(samples: readonly Sample[]): readonly Sample[];
  /** The same of what was read beside the cycles: their counters count, and their gauges are left to the cycle. */
  takeBetween(samples: readonly Sample[]): readonly Sample[];
  /** Ends a cycle: one sample for each folded series that something was taken of, all of this time (Unix milliseconds). */
  flush(time: number): readonly Sample[];
}

/** One series that samples of several pods go to. */
interface Folded {
  readonly measurement: Measurement;
  readonly tags: Tags;
  /** Of counters for ever, of gauges in this cycle. */
  readonly totals: (Count | undefined)[];
  /** Monotonic milliseconds. */
  takenAt: number;
}

/** One series of one pod. */
interface Source {
  readonly key: string;
  /** Whether its counters may hold more than this run of the agent has seen. */
  readonly isOld: boolean;
  /** What was last known of each field. */
  readonly last: (Count | undefined)[];
}

type Role = 'counter' | 'gauge' | undefined;

interface Shape {
  /** Of each field; `undefined` for what cannot be added up: shares, texts, flags. */
  readonly roles: readonly Role[];
  /** By the tags, of which each series of a pod has an object of its own that goes with the pod. */
  readonly sources: WeakMap<Tags, Source>;
}

const addable: ReadonlySet<string> = new Set(['nanocores', 'bytes', 'count']);
/** What is of one pod alone, or named after it. */
const leftOut: ReadonlySet<Measurement> = new Set(['k8s_pod_info', 'k8s_container_info', 'k8s_pod_volume']);
/** A folded series that nothing was taken of for so long begins anew, as after a restart of the agent. */
const keptMilliseconds = 24 * 3_600_000;

/**
 * A counter of a folded series grows by what those of its pods grew, so it never falls when a pod goes. A pod's own begin at 0 with
 * it, but for the pods that were there before the agent: of those only what comes later counts. Gauges are added up over the pods
 * that were read in the cycle; for one that is read more seldom, what was read of it last. While it `isStarting`, not all pods that
 * were there are known.
 */
export function createFold(now: () => number, isStarting = (): boolean => false): Fold {
  const shapes = new Map<Measurement, Shape>();
  const foldedByKey = new Map<string, Folded>();
  const touched = new Set<Folded>();
  let sawPods = false;
  let isFirst = true;
  let forgottenAt = now();

  function shapeOf(measurement: Measurement): Shape {
    let shape = shapes.get(measurement);
    if (shape === undefined) {
      shape = { roles: rowsOf(measurement).map(roleOf), sources: new WeakMap() };
      shapes.set(measurement, shape);
    }
    return shape;
  }

  function foldedOf(key: string, { measurement, tags }: Sample): Folded {
    let folded = foldedByKey.get(key);
    if (folded === undefined) {
      folded = { measurement, tags: { ...tags }, totals: [], takenAt: 0 };
      foldedByKey.set(key, folded);
    }
    folded.takenAt = now();
    return folded;
  }

  function add(sample: Sample, withGauges: boolean): void {
    const { measurement, tags, values } = sample;
    if (leftOut.has(measurement) || values.every((value) => value === undefined)) return;
    const { roles, sources } = shapeOf(measurement);
    let source = sources.get(tags);
    if (source === undefined) {
      source = { key: `${measurement} ${JSON.stringify(tags)}`, isOld: isFirst, last: [] };
      sources.set(tags, source);
    }
    const folded = foldedOf(source.key, sample);
    if (!touched.has(folded)) clearGauges(folded, roles);
    touched.add(folded);
    for (const [slot, role] of roles.entries()) {
      if (role === undefined || (role === 'gauge' && !withGauges)) continue;
      const part = partOf(role, countOf(values[slot]), source, slot);
      if (part === undefined) continue;
      const total = folded.totals[slot] ?? 0;
      folded.totals[slot] = part === 0 ? total : sum(total, part);
    }
  }

  function forget(): void {
    const at = now();
    if (at - forgottenAt < keptMilliseconds) return;
    forgottenAt = at;
    for (const [key, { takenAt }] of foldedByKey) if (at - takenAt >= keptMilliseconds) foldedByKey.delete(key);
  }

  function take(samples: readonly Sample[], withGauges: boolean): readonly Sample[] {
    let isFolded = false;
    for (const { tags } of samples) {
      const pod = tags['pod'];
      if (pod !== undefined) sawPods = true;
      if (pod === all) isFolded = true;
    }
    // Hardly ever is anything folded, and then nothing is made anew.
    if (!isFolded) return samples;
    for (const sample of samples) if (sample.tags['pod'] === all) add(sample, withGauges);
    return samples.filter(({ tags }) => tags['pod'] !== all);
  }

  return {
    take: (samples) => take(samples, true),
    takeBetween: (samples) => take(samples, false),
    flush(time) {
      const flushed = Array.from(touched, ({ measurement, tags, totals }) => ({
        measurement,
        tags,
        values: rowsOf(measurement).map((_, slot) => totals[slot]),
        time,
      }));
      touched.clear();
      if (sawPods && !isStarting()) isFirst = false;
      forget();
      return flushed;
    },
  };
}

function roleOf({ kind, unit }: TableRow): Role {
  if (kind === 'counter') return 'counter';
  return addable.has(unit) ? 'gauge' : undefined;
}

function clearGauges({ totals }: Folded, roles: readonly Role[]): void {
  for (const [slot, role] of roles.entries()) if (role === 'gauge') totals[slot] = undefined;
}

function countOf(value: FieldValue | undefined): Count | undefined {
  return typeof value === 'number' || typeof value === 'bigint' ? value : undefined;
}

/** What a value adds to the total. `undefined` is nothing, which is not 0. */
function partOf(role: Role, value: Count | undefined, { last, isOld }: Source, slot: number): Count | undefined {
  const before = last[slot];
  if (value === undefined) return role === 'gauge' ? before : undefined;
  last[slot] = value;
  if (role === 'gauge') return value;
  if (before === undefined) return isOld ? 0 : value;
  // A counter that fell began anew.
  return value < before ? value : subtractFloorZero(value, before);
}
