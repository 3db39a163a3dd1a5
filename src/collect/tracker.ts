import type { Slice } from '../locate/slices.ts';
import type { Target } from '../locate/targets.ts';
import { openPodUnit } from './pod-unit.ts';
import type { PodUnit, PodUnitOptions } from './pod-unit.ts';
import { openSliceUnit } from './slice-unit.ts';
import type { Unit } from './unit.ts';

/** All that is read on this node, kept in step with what is there. */
export interface Tracker {
  /** Opens what came and closes what went; what stayed keeps its descriptors and its rates. */
  update(targets: readonly Target[], slices: readonly Slice[]): void;
  readonly units: readonly Unit[];
  /** Those that have their names. */
  readonly pods: number;
  readonly containers: number;
  close(): void;
}

/** The parts of a target that its series stand on: with another of these it is another unit. */
function identityOf({ pod, path, detached }: Target, { podTags }: PodUnitOptions): string {
  return JSON.stringify([path, detached, pod.hostNetwork, podTags.of(pod)]);
}

export interface TrackerOptions extends PodUnitOptions {
  /** Read in every cycle from the start to the end: the node, the state of all pods. */
  readonly always?: readonly Unit[];
}

interface TrackedPod {
  readonly identity: string;
  readonly path: string;
  readonly unit: PodUnit;
  readonly isNamed: boolean;
}

export function createTracker(options: TrackerOptions): Tracker {
  const { always = [] } = options;
  const pods = new Map<string, TrackedPod>();
  const slices = new Map<string, Unit>();
  let units: readonly Unit[] = always;
  /** Paths of the cgroups that are there now. */
  let read: ReadonlySet<string> = new Set();

  const namedPods = () => Array.from(pods.values()).filter(({ isNamed }) => isNamed);

  /** A cgroup that goes on under another name keeps its rates. */
  function forget(path: string): void {
    if (!read.has(path)) options.forget(path);
  }

  function close(unit: Unit): void {
    unit.close();
    options.host.problems.forget(unit.owner);
  }

  function updatePods(targets: readonly Target[]): void {
    read = new Set(targets.flatMap(({ path, containers }) => [path, ...containers.map((container) => container.path)]));
    const uids = new Set(targets.map(({ pod }) => pod.uid));
    const named = new Map(targets.flatMap(({ pod, path }) => (pod.unnamed === true ? [] : [[path, pod.uid]])));
    for (const [uid, { path, unit, isNamed }] of pods) {
      if (uids.has(uid)) continue;
      // It stood in for a pod, which may be known now.
      const name = isNamed ? undefined : named.get(path);
      if (name !== undefined) options.host.problems.rename(uid, name);
      close(unit);
      pods.delete(uid);
    }
    for (const target of targets) {
      const identity = identityOf(target, options);
      const known = pods.get(target.pod.uid);
      if (known?.identity === identity) {
        known.unit.update(target);
        continue;
      }
      known?.unit.close();
      pods.set(target.pod.uid, {
        identity,
        path: target.path,
        unit: openPodUnit(target, { ...options, forget }),
        isNamed: target.pod.unnamed !== true,
      });
    }
  }

  function updateSlices(found: readonly Slice[]): void {
    const paths = new Set(found.map(({ path }) => path));
    for (const [path, unit] of slices) {
      if (paths.has(path)) continue;
      close(unit);
      slices.delete(path);
    }
    for (const slice of found) if (!slices.has(slice.path)) slices.set(slice.path, openSliceUnit(slice, options));
  }

  return {
    update(targets, found) {
      updatePods(targets);
      updateSlices(found);
      units = [...always, ...Array.from(pods.values(), ({ unit }) => unit), ...slices.values()];
    },
    get units() {
      return units;
    },
    get pods() {
      return namedPods().length;
    },
    get containers() {
      let sum = 0;
      for (const { unit } of namedPods()) sum += unit.containers;
      return sum;
    },
    close() {
      for (const unit of units) unit.close();
    },
  };
}
