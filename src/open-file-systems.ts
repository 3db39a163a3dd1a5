/** Makes the source of file systems that the configuration names. */
import type { Cluster } from './cluster.ts';
import type { Host } from './collect/host.ts';
import type { Config } from './config/config.ts';
import { kubeletEndpoint } from './file-systems/kubelet-access.ts';
import { createKubeletSource } from './file-systems/kubelet.ts';
import type { FileSystemSource } from './file-systems/report.ts';
import { createWalkSource, walkBounds, walkDirectories, walkEntriesPerSecond } from './file-systems/walk-source.ts';
import type { WalkPod } from './file-systems/walk-trees.ts';
import type { Target } from './locate/targets.ts';
import type { Logger } from './problems.ts';
import type { Wait } from './watch/reflector.ts';

export interface OpenFileSystemsOptions {
  readonly config: Config;
  readonly host: Host;
  readonly cluster: Cluster | undefined;
  readonly log: Logger;
  /** Unix time in milliseconds. */
  wall(): number;
  /** From 0 to below 1. */
  random(): number;
  readonly wait: Wait;
  targets(): readonly Target[];
}

/** How long the kubelet may take: it may have to walk, and to ask its runtime. */
const kubeletTimeout = 20_000;

export function openFileSystems(options: OpenFileSystemsOptions): FileSystemSource | undefined {
  const { config, host, cluster, log, wall, random, wait, targets } = options;
  const { fileSystems } = config;
  if (fileSystems === undefined) return undefined;
  const { periodMs: period } = fileSystems;
  const { problems, now } = host;
  if (fileSystems.kind === 'walk') {
    return createWalkSource({
      procRoot: host.procRoot,
      hostRoot: fileSystems.hostRoot,
      bounds: walkBounds,
      entriesPerSecond: walkEntriesPerSecond,
      directories: walkDirectories,
      period,
      problems,
      pods: () => targets().flatMap((target) => (target.pod.unnamed === true ? [] : [walkPod(host, target)])),
      exists: (uid) => targets().some(({ pod }) => pod.cgroupUid === uid),
      now,
      wall,
      wait,
    });
  }
  const { tokenFile, trust } = fileSystems;
  const endpoint = () => kubeletEndpoint(cluster?.node?.record);
  const common = { now, wall, random, wait, log, problems };
  return createKubeletSource({ node: config.nodeName, endpoint, tokenFile, trust, period, timeout: kubeletTimeout, ...common });
}

function walkPod(host: Host, { pod, containers }: Target): WalkPod {
  return {
    uid: pod.cgroupUid,
    namespace: pod.namespace,
    name: pod.name,
    containers: containers.map(({ container, path }) => ({ name: container.name, pid: host.processes.first(path, pod.uid) })),
  };
}
