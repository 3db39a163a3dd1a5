/**
 * Reads objects of the kubelet's Summary API, version v1alpha1 (k8s.io/kubelet `pkg/apis/stats/v1alpha1/types.go`), whatever is in
 * them: nothing throws, what is not understood is absent.
 */
import type { Count } from '../model.ts';
import { field, list, moment, text } from '../watch/json.ts';
import { nameLimit } from '../watch/names.ts';
import type { ContainerFileSystems, NodeFileSystems, PodFileSystems, Usage, VolumeUsage } from './report.ts';
import { amount } from './summary-numbers.ts';

/** Of one pod. Kubernetes has no such bounds, but a pod's spec must fit in 1.5 MiB of etcd. */
const mostContainers = 500;
const mostVolumes = 500;

/** A `PodStats`; `undefined` where it has no UID. `at` is when the answer came, in Unix milliseconds. */
export function podFileSystems(stats: unknown, at: number): PodFileSystems | undefined {
  const uid = text(field(field(stats, 'podRef'), 'uid'), nameLimit);
  if (uid === undefined) return undefined;
  return {
    uid,
    containers: byName(field(stats, 'containers'), mostContainers, (container, name) => containerOf(container, name, at)),
    ephemeral: usageOf(field(stats, 'ephemeral-storage'), at),
    volumes: byName(field(stats, 'volume'), mostVolumes, (volume, name) => volumeOf(volume, name, at)),
  };
}

/** A `NodeStats`. */
export function nodeFileSystems(stats: unknown, at: number): NodeFileSystems {
  const runtime = field(stats, 'runtime');
  return {
    root: usageOf(field(stats, 'fs'), at),
    images: usageOf(field(runtime, 'imageFs'), at),
    containers: usageOf(field(runtime, 'containerFs'), at),
  };
}

/** The first of each name, up to `limit` of them. */
function byName<T>(entries: unknown, limit: number, read: (entry: unknown, name: string) => T | undefined): readonly T[] {
  const found = new Map<string, T>();
  for (const entry of list(entries)) {
    if (found.size >= limit) break;
    const name = text(field(entry, 'name'), nameLimit);
    if (name === undefined || found.has(name)) continue;
    const value = read(entry, name);
    if (value !== undefined) found.set(name, value);
  }
  return Array.from(found.values());
}

function containerOf(stats: unknown, name: string, at: number): ContainerFileSystems | undefined {
  const rootfs = usageOf(field(stats, 'rootfs'), at);
  const logs = usageOf(field(stats, 'logs'), at);
  return rootfs === undefined && logs === undefined ? undefined : { name, rootfs, logs };
}

function volumeOf(stats: unknown, name: string, at: number): VolumeUsage | undefined {
  const usage = usageOf(stats, at);
  return usage === undefined ? undefined : { name, claim: text(field(field(stats, 'pvcRef'), 'name'), nameLimit), usage };
}

/** An `FsStats`; `undefined` where it knows nothing. */
function usageOf(stats: unknown, at: number): Usage | undefined {
  const bytes = known({
    used: amount(stats, 'usedBytes'),
    left: amount(stats, 'availableBytes'),
    total: amount(stats, 'capacityBytes'),
  });
  const inodes = known({
    used: amount(stats, 'inodesUsed'),
    left: amount(stats, 'inodesFree'),
    total: amount(stats, 'inodes'),
  });
  if (isEmpty(bytes) && isEmpty(inodes)) return undefined;
  return {
    at: timeOf(field(stats, 'time'), at),
    usedBytes: bytes.used,
    availableBytes: bytes.left,
    capacityBytes: bytes.total,
    inodesUsed: inodes.used,
    inodesFree: inodes.left,
    inodes: inodes.total,
  };
}

interface Amounts {
  readonly used: Count | undefined;
  readonly left: Count | undefined;
  readonly total: Count | undefined;
}

function isEmpty({ used, left, total }: Amounts): boolean {
  return used === undefined && left === undefined && total === undefined;
}

/**
 * Leaves out zeros that nobody measured. For a volume the kubelet writes 0 for each number that its driver does not give (`pkg/kubelet/
 * server/stats/volume_stat_calculator.go parsePodVolumeStats`), and btrfs or a network file system says 0 for inodes it has no
 * number of. No file system has a size of 0, and none has neither anything used nor anything left.
 */
function known({ used, left, total }: Amounts): Amounts {
  if (total === 0) return { used: notZero(used), left: notZero(left), total: undefined };
  if (used === 0 && left === 0) return { used: undefined, left: undefined, total };
  return { used, left, total };
}

function notZero(value: Count | undefined): Count | undefined {
  return value === 0 ? undefined : value;
}

/**
 * When a part was measured. What a runtime has no time for is `null` or 1970 and gets that of the answer, as does a time after it:
 * the kubelet has the same clock.
 */
function timeOf(value: unknown, at: number): number {
  return Math.min(moment(value) ?? at, at);
}
