import { phaseOf } from '../grid.ts';
import { valuesOf } from '../metrics/values.ts';
import type { Count, Pod, PodProperty, Tags } from '../model.ts';
import type { Host } from './host.ts';
import { containerInfo, podInfo } from './info-fields.ts';
import type { PodOomKills } from './oom-kills.ts';
import { tagsOfContainer, valueOf } from './pod-tags.ts';
import type { PodTags } from './pod-tags.ts';
import type { Reading } from './reading.ts';
import type { Unit } from './unit.ts';

export interface StateUnitOptions {
  readonly host: Host;
  readonly podTags: PodTags;
  /** Labels and annotations that are fields of `k8s_pod_info`, after those of the metric table. */
  readonly infoFields: readonly PodProperty[];
  /** All pods of the node, by UID; each the same object for as long as nothing of it changed. */
  pods(): ReadonlyMap<string, Pod>;
}

/** How often the state of a pod is written that did not change. */
const everyMilliseconds = 300_000;

/** What is kept of one pod from cycle to cycle. */
interface Known {
  pod: Pod;
  dueAt: number;
  tags: Tags;
  readonly containerTags: Map<string, Tags>;
  readonly kills: PodOomKills;
  /** How many of them were written. */
  killsWritten: Count | undefined;
}

/** What the API server says of the pods of this node, those without a cgroup too: on change, and every few minutes. */
export function openStateUnit({ host, podTags, infoFields, pods }: StateUnitOptions): Unit {
  const knownByUid = new Map<string, Known>();

  function knownOf(uid: string, pod: Pod): Known {
    let known = knownByUid.get(uid);
    const tags = podTags.of(pod);
    if (known === undefined) {
      const kills = host.oomKills.hold(uid);
      known = { pod, dueAt: -Infinity, tags, containerTags: new Map(), kills, killsWritten: undefined };
      knownByUid.set(uid, known);
    } else if (known.tags !== tags) {
      known.tags = tags;
      known.containerTags.clear();
    }
    return known;
  }

  function readingsOf(known: Known, pod: Pod, at: number): Reading[] {
    const readings: Reading[] = [];
    const { kills } = known;
    known.killsWritten = kills.count;
    for (const container of pod.containers) {
      if (container.api === undefined) continue;
      const tags = containerTagsOf(known, container.name);
      const values = valuesOf('k8s_container_info', containerInfo(container, container.api, kills.endsOf(container.name)));
      readings.push({ series: { measurement: 'k8s_container_info', tags }, values, at });
    }
    if (pod.api === undefined) return readings;
    const values = valuesOf('k8s_pod_info', podInfo(pod, pod.api, kills.count));
    // A label that was taken away must not stay as the last value of its field.
    for (const property of infoFields) values.push(valueOf(pod, property) ?? '');
    readings.push({ series: { measurement: 'k8s_pod_info', tags: known.tags }, values, at });
    return readings;
  }

  return {
    owner: 'state',
    containers: 0,
    // The next run takes kills from before its start for kills that this one has written.
    readAtEnd: true,
    read() {
      const startedAt = host.now();
      const readings: Reading[] = [];
      const snapshot = pods();
      for (const [uid, { kills }] of knownByUid) {
        if (snapshot.has(uid)) continue;
        kills.release();
        knownByUid.delete(uid);
      }
      for (const [uid, pod] of snapshot) {
        const known = knownOf(uid, pod);
        known.kills.told(pod);
        const isSame = known.pod === pod && known.kills.count === known.killsWritten;
        if (isSame && startedAt < known.dueAt) continue;
        known.dueAt = startedAt + (known.dueAt === -Infinity ? phaseOf(uid, everyMilliseconds) : everyMilliseconds);
        known.pod = pod;
        readings.push(...readingsOf(known, pod, startedAt));
      }
      host.meters.state.milliseconds += host.now() - startedAt;
      host.meters.state.reads += readings.length;
      return readings;
    },
    close() {
      for (const { kills } of knownByUid.values()) kills.release();
      knownByUid.clear();
    },
  };
}

function containerTagsOf({ tags, containerTags }: Known, name: string): Tags {
  let known = containerTags.get(name);
  if (known === undefined) containerTags.set(name, (known = tagsOfContainer(tags, name)));
  return known;
}
