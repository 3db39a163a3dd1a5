import type { Target } from '../locate/targets.ts';
import { blankOf } from '../metrics/values.ts';
import type { Resources } from '../model.ts';
import { openCgroup } from './cgroup.ts';
import type { Cgroup } from './cgroup.ts';
import type { Host } from './host.ts';
import { openNetworkSeries } from './network-series.ts';
import type { NetworkSeries } from './network-series.ts';
import { openPodKills } from './pod-kills.ts';
import { tagsOfContainer } from './pod-tags.ts';
import type { NodeTags, PodTags } from './pod-tags.ts';
import type { Reading } from './reading.ts';
import type { Unit } from './unit.ts';

export interface PodUnitOptions {
  readonly host: Host;
  readonly nodeTags: NodeTags;
  readonly podTags: PodTags;
  /** Called with the path of each cgroup that is no longer read. */
  forget(path: string): void;
}

/** All series of one pod: its own cgroup's, its containers', its network's. */
export interface PodUnit extends Unit {
  /** Takes a newer record of the same pod: containers that came are opened, those that went are closed. */
  update(target: Target): void;
}

const nothing: Resources = {};

export function openPodUnit(first: Target, { host, podTags, forget }: PodUnitOptions): PodUnit {
  const owner = first.pod.uid;
  const tags = podTags.of(first.pod);
  const podSeries = { measurement: 'k8s_pod', tags } as const;
  // Where the runtime puts the containers elsewhere, the pod's own cgroup is empty, and its zeros would be false.
  const own = first.detached ? undefined : openCgroup(host, { level: 'pod', tags, path: first.path, owner, tell: tellLast });
  const kills = openPodKills(host, { path: first.path, owner, own });
  const containers = new Map<string, Cgroup>();
  const tell = (readings: readonly Reading[]): void => host.between?.tell(readings);
  let network: NetworkSeries | undefined;
  let target = first;

  function tellLast(readings: readonly Reading[]): void {
    const [pod] = readings;
    if (pod !== undefined) kills.addTo(pod);
    tell(readings);
  }

  function closeContainer(path: string, cgroup: Cgroup): void {
    cgroup.close();
    containers.delete(path);
    forget(path);
  }

  function update(next: Target): void {
    target = next;
    kills.told(next.pod);
    own?.specify(next.pod.api?.requests ?? nothing);
    const paths = new Set(next.containers.map(({ path }) => path));
    for (const [path, cgroup] of containers) if (!paths.has(path)) closeContainer(path, cgroup);
    for (const { container, path } of next.containers) {
      let cgroup = containers.get(path);
      if (cgroup === undefined) {
        const containerTags = tagsOfContainer(tags, container.name);
        cgroup = openCgroup(host, { level: 'container', tags: containerTags, path, owner, tell });
        containers.set(path, cgroup);
      }
      cgroup.specify(container.api?.requests ?? nothing);
    }
    const wanted = host.collectors.some((name) => name === 'network' || name === 'sockets') && !next.pod.hostNetwork;
    if (wanted) network ??= openNetworkSeries(host, { tags, owner });
  }

  update(first);
  return {
    owner,
    update,
    get containers() {
      return containers.size;
    },
    read(deadline) {
      const readings: Reading[] = [];
      own?.read(deadline, readings);
      let [pod] = readings;
      // Of the containers elsewhere the pod has its sockets and its kills.
      if (pod === undefined) readings.push((pod = { series: podSeries, values: blankOf('k8s_pod'), at: host.now() }));
      kills.addTo(pod);
      for (const cgroup of containers.values()) {
        if (host.now() > deadline) return readings;
        cgroup.read(deadline, readings);
      }
      if (network !== undefined) readings.push(...network.read(target, pod.values));
      return readings;
    },
    close() {
      kills.close();
      own?.close();
      forget(first.path);
      for (const [path, cgroup] of containers) closeContainer(path, cgroup);
      network?.close();
    },
  };
}
