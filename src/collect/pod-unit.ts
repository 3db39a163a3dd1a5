import type { Target } from '../locate/targets.ts';
import type { Tags } from '../model.ts';
import { openCgroupSeries } from './cgroup-series.ts';
import type { CgroupSeries, Host } from './cgroup-series.ts';
import { openNetworkSeries } from './network-series.ts';
import type { NetworkSeries } from './network-series.ts';
import type { Reading, Unit } from './unit.ts';

/** The tags that all series of the node share. */
export type NodeTags = Readonly<Record<'cluster' | 'node', string>>;

export interface PodUnitOptions {
  readonly host: Host;
  readonly nodeTags: NodeTags;
  readonly network: boolean;
  /** Called with the path of each cgroup that is no longer read. */
  forget(path: string): void;
}

/** All series of one pod: its own cgroup's, its containers', its network's. */
export interface PodUnit extends Unit {
  /** Takes a newer record of the same pod: containers that came are opened, those that went are closed. */
  update(target: Target): void;
}

export function tagsOfPod({ pod }: Target, nodeTags: NodeTags): Tags {
  return {
    ...nodeTags,
    namespace: pod.namespace,
    pod: pod.name,
    qos: pod.qos,
    workload: pod.workload,
    workload_kind: pod.workloadKind,
  };
}

export function openPodUnit(first: Target, { host, nodeTags, network: withNetwork, forget }: PodUnitOptions): PodUnit {
  const owner = first.pod.uid;
  const tags = tagsOfPod(first, nodeTags);
  // Where the runtime puts the containers elsewhere, the pod's own cgroup is empty, and its zeros would be false.
  const own = first.detached ? [] : [openCgroupSeries(host, { measurement: 'k8s_pod', tags, path: first.path, owner })];
  const containers = new Map<string, CgroupSeries>();
  let network: NetworkSeries | undefined;
  let target = first;

  function closeContainer(path: string, series: CgroupSeries): void {
    series.close();
    containers.delete(path);
    forget(path);
  }

  function update(next: Target): void {
    target = next;
    const paths = new Set(next.containers.map(({ path }) => path));
    for (const [path, series] of containers) if (!paths.has(path)) closeContainer(path, series);
    for (const { container, path } of next.containers) {
      if (containers.has(path)) continue;
      const containerTags = { ...tags, container: container.name };
      containers.set(path, openCgroupSeries(host, { measurement: 'k8s_container', tags: containerTags, path, owner }));
    }
    const wanted = withNetwork && !next.pod.hostNetwork;
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
      for (const series of [...own, ...containers.values()]) {
        const at = host.now();
        if (at > deadline) return readings;
        readings.push({ series, values: series.read(deadline), at });
      }
      if (network !== undefined) readings.push(...network.read(target));
      return readings;
    },
    close() {
      for (const series of own) series.close();
      forget(first.path);
      for (const [path, series] of containers) closeContainer(path, series);
      network?.close();
    },
  };
}
