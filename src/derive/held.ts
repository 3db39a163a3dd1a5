import { all, tagsOfContainer, unnamed } from '../collect/pod-tags.ts';
import type { PodTags } from '../collect/pod-tags.ts';
import { socketFields } from '../collect/sockets.ts';
import { indexesOf } from '../metrics/table.ts';
import type { Pod, Sample, Tags } from '../model.ts';
import type { Logger } from '../problems.ts';
import type { PodWatch } from '../watch/pods.ts';
import type { Fold } from './fold.ts';
import { createHeldPods } from './held-pods.ts';
import { createPacker } from './packed.ts';
import type { Packed, Packer } from './packed.ts';

export interface HeldStats {
  /** That wait for their names. */
  readonly points: number;
  /** Since the start. */
  readonly givenUp: number;
}

/** What was read of pods and containers that nobody has named yet. None of it is written before it has its own name. */
export interface Held {
  /** Keeps what has no name, and gives back all else. */
  take(samples: readonly Sample[]): readonly Sample[];
  /** What has its name now, of the times at which it was read, the oldest first: a part of it, and at the next call another. */
  named(): readonly Sample[];
  readonly stats: HeldStats;
}

export interface HeldBounds {
  /** Of memory that what is held takes, about. */
  readonly bytes: number;
  /** Milliseconds that a point waits. */
  readonly age: number;
  /** Bytes that are named at one call. */
  readonly step: number;
}

export interface HeldOptions {
  readonly podTags: Pick<PodTags, 'of'>;
  readonly watch: Pick<PodWatch, 'ready' | 'snapshot' | 'leftOut'>;
  readonly log: Logger;
  /** Monotonic milliseconds. */
  now(): number;
  readonly bounds?: HeldBounds;
}

/** What one cycle read of one pod's own cgroup and network, or of one of its containers. */
interface Entry {
  /** By which the pod's cgroup is named. */
  readonly uid: string;
  readonly container: string | undefined;
  readonly at: number;
  readonly points: number;
  /** Samples whose tags lack those of the pod and the container. */
  readonly packed: Packed;
}

/** Two minutes of 100 pods of three containers at a period of 10 s. */
const defaultBounds: HeldBounds = { bytes: 4 * 1024 * 1024, age: 120_000, step: 128 * 1024 };
/** What an entry takes beside what is packed. */
const overhead = 128;

export function createHeld({ podTags, watch, log, now, bounds = defaultBounds }: HeldOptions): Held {
  const pods = createHeldPods();
  let entries: Entry[] = [];
  /** While anything is held. */
  let packer: Packer<readonly Sample[]> | undefined;
  let bytes = 0;
  let points = 0;
  let givenUp = 0;

  function letGo(entry: Entry): void {
    bytes -= sizeOf(entry);
    points -= entry.points;
    pods.remove(entry.uid, entry.container);
  }

  function giveUp(entry: Entry): void {
    letGo(entry);
    if (givenUp === 0) log.warn({}, 'Points are given up: the API server has not named their pods in time');
    givenUp += entry.points;
  }

  function keep(container: string | undefined, samples: readonly Sample[]): void {
    const uid = samples[0]?.tags[unnamed];
    if (uid === undefined) return;
    packer ??= createPacker();
    const packed = packer.pack(samples.map(({ tags, ...sample }) => ({ ...sample, tags: restOf(tags) })));
    const entry = { uid, container, at: now(), points: samples.length, packed };
    entries.push(entry);
    bytes += sizeOf(entry);
    points += samples.length;
    pods.add(uid, container);
  }

  function makeRoom(): void {
    const oldest = now() - bounds.age;
    let gone = 0;
    for (const entry of entries) {
      if (bytes <= bounds.bytes && entry.at >= oldest) break;
      giveUp(entry);
      gone += 1;
    }
    if (gone > 0) entries = entries.slice(gone);
  }

  /** Nothing where the pod is written together with others: a fold adds up what is read now. */
  function samplesOf(entry: Entry, pod: Pod, container: string | undefined): readonly Sample[] {
    const own = podTags.of(pod);
    if (own['pod'] === all) return [];
    const tags = container === undefined ? own : tagsOfContainer(own, container);
    const samples = packer?.unpack(entry.packed) ?? [];
    return samples.flatMap((sample) => {
      if (pod.hostNetwork && !withoutNetwork(sample)) return [];
      return [{ ...sample, tags: { ...tags, ...sample.tags } }];
    });
  }

  return {
    take(samples) {
      if (!samples.some(({ tags }) => tags[unnamed] !== undefined)) return samples;
      const others = samples.filter(({ tags }) => tags[unnamed] === undefined);
      const held = samples.filter(
        ({ tags, values }) => tags[unnamed] !== undefined && values.some((value) => value !== undefined),
      );
      for (const [container, own] of Map.groupBy(held, ({ tags }) => tags['container'])) keep(container, own);
      makeRoom();
      return others;
    },
    named() {
      if (entries.length === 0 || !watch.ready) return [];
      const oldest = now() - bounds.age;
      const leftOut = watch.leftOut();
      pods.name(watch.snapshot());
      const samples: Sample[] = [];
      let step = 0;
      const later: Entry[] = [];
      for (const entry of entries) {
        const { pod, container } = pods.of(entry.uid, entry.container);
        if (leftOut.has(entry.uid)) letGo(entry);
        else if (pod === undefined || (container === undefined && entry.container !== undefined)) {
          if (entry.at >= oldest) later.push(entry);
          else giveUp(entry);
        } else if (step >= bounds.step) later.push(entry);
        else {
          step += sizeOf(entry);
          const own = samplesOf(entry, pod, container);
          samples.push(...own);
          if (own.length > 0) letGo(entry);
          else giveUp(entry);
        }
      }
      entries = later;
      if (entries.length === 0) packer = undefined;
      return samples;
    },
    stats: {
      get points() {
        return points;
      },
      get givenUp() {
        return givenUp;
      },
    },
  };
}

function sizeOf({ packed: { start, end } }: Entry): number {
  return end - start + overhead;
}

/** A fold to which nothing comes that is held. */
export function withoutHeld(fold: Fold, held: Held | undefined): Fold {
  if (held === undefined) return fold;
  return {
    take: (samples) => fold.take(held.take(samples)),
    takeBetween: (samples) => fold.takeBetween(held.take(samples)),
    flush: fold.flush,
  };
}

/** What tells its series from the others of its pod or container: a device, an interface. */
function restOf({ [unnamed]: _uid, container: _container, ...rest }: Tags): Tags {
  return rest;
}

const podIndexes = indexesOf('k8s_pod');
const socketSlots = socketFields.flatMap((name) => podIndexes[name] ?? []);

/** What may have been read of the host's own network is no pod's. False where that is all there is. */
function withoutNetwork({ measurement, values }: Sample): boolean {
  if (measurement === 'k8s_pod') for (const slot of socketSlots) values[slot] = undefined;
  return measurement !== 'k8s_pod_network';
}
