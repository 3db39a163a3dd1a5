import type { ContainerFileSystems, FileSystemReport, PodFileSystems, Usage } from '../file-systems/report.ts';
import type { Measurement } from '../metrics/measurements.ts';
import { valuesOf } from '../metrics/values.ts';
import type { Fields, Pod, Tags } from '../model.ts';
import type { Host } from './host.ts';
import { sameTags, tagsOfContainer } from './pod-tags.ts';
import type { NodeTags, PodTags } from './pod-tags.ts';
import type { Reading } from './reading.ts';
import type { Unit } from './unit.ts';

export interface FileSystemUnitOptions {
  readonly host: Host;
  readonly nodeTags: NodeTags;
  readonly podTags: PodTags;
  /** The last there is; another object for each. */
  report(): FileSystemReport | undefined;
  /** All pods of the node, by UID. */
  pods(): ReadonlyMap<string, Pod>;
}

/** The file systems of pods and node, each report once, under the times at which they were measured. */
export function openFileSystemUnit({ host, nodeTags, podTags, report, pods }: FileSystemUnitOptions): Unit {
  const tagsBySeries = new Map<string, Tags>();
  let written: FileSystemReport | undefined;

  /** One object a series for as long as it is reported: the encoder keeps its bytes by it. */
  function tagsOf(key: string, tags: Tags, live: Set<string>): Tags {
    live.add(key);
    let known = tagsBySeries.get(key);
    if (known === undefined || !sameTags(known, tags)) tagsBySeries.set(key, (known = tags));
    return known;
  }

  function* rowsOf(current: FileSystemReport): Iterable<Row> {
    for (const [filesystem, usage] of Object.entries<Usage | undefined>({ ...current.node })) {
      if (usage !== undefined) {
        yield { key: filesystem, measurement: 'k8s_node_fs', tags: { ...nodeTags, filesystem }, usage };
      }
    }
    const claimed = new Set<string>();
    for (const pod of pods().values()) {
      const known = current.pods.get(pod.cgroupUid);
      // As with cgroups: they are one pod's, and a second that claims them gets none.
      if (known === undefined || claimed.has(pod.cgroupUid)) continue;
      claimed.add(pod.cgroupUid);
      yield* rowsOfPod(known, podTags.of(pod));
    }
  }

  return {
    owner: 'filesystems',
    containers: 0,
    read() {
      const current = report();
      if (current === written) return [];
      written = current;
      // Without a source nobody says which pods are gone.
      if (current === undefined) tagsBySeries.clear();
      if (current === undefined) return [];
      const startedAt = host.now();
      const readings: Reading[] = [];
      const live = new Set<string>();
      for (const { key, measurement, tags, usage, fields } of rowsOf(current)) {
        const series = { measurement, tags: tagsOf(`${measurement} ${key}`, tags, live) };
        const values = valuesOf(measurement, { ...fieldsOf(usage), ...fields });
        readings.push({ series, values, at: startedAt, time: usage.at });
      }
      for (const key of tagsBySeries.keys()) if (!live.has(key)) tagsBySeries.delete(key);
      host.meters.filesystems.milliseconds += host.now() - startedAt;
      host.meters.filesystems.reads += 1;
      return readings;
    },
    close() {
      tagsBySeries.clear();
    },
  };
}

interface Row {
  /** Tells the series from all others of its measurement on this node. */
  readonly key: string;
  readonly measurement: Measurement;
  readonly tags: Tags;
  readonly usage: Usage;
  readonly fields?: Fields;
}

function* rowsOfPod({ uid, containers, ephemeral, volumes }: PodFileSystems, tags: Tags): Iterable<Row> {
  for (const container of containers) yield* rowsOfContainer(uid, container, tags);
  if (ephemeral !== undefined) {
    yield { key: uid, measurement: 'k8s_pod_fs', tags: { ...tags, filesystem: 'ephemeral' }, usage: ephemeral };
  }
  for (const { name: volume, claim = '', usage } of volumes) {
    yield { key: `${uid} ${volume}`, measurement: 'k8s_pod_volume', tags: { ...tags, volume }, usage, fields: { claim } };
  }
}

function* rowsOfContainer(uid: string, { name: container, rootfs, logs }: ContainerFileSystems, tags: Tags): Iterable<Row> {
  for (const [filesystem, usage] of [
    ['rootfs', rootfs],
    ['logs', logs],
  ] as const) {
    if (usage === undefined) continue;
    yield {
      key: `${uid} ${container} ${filesystem}`,
      measurement: 'k8s_container_fs',
      tags: { ...tagsOfContainer(tags, container), filesystem },
      usage,
    };
  }
}

function fieldsOf(usage: Usage): Fields {
  return {
    used_bytes: usage.usedBytes,
    available_bytes: usage.availableBytes,
    capacity_bytes: usage.capacityBytes,
    inodes_used: usage.inodesUsed,
    inodes_free: usage.inodesFree,
    inodes: usage.inodes,
  };
}
