/** What is learned from beyond this host: its pods and its node from the API server. */
import { openFileSystemUnit } from './collect/file-system-unit.ts';
import { nodeStateFields } from './collect/node-state.ts';
import { openNodeUnit } from './collect/node-unit.ts';
import type { NodeTags, PodTags } from './collect/pod-tags.ts';
import type { Host } from './collect/host.ts';
import { openStateUnit } from './collect/state-unit.ts';
import type { Unit } from './collect/unit.ts';
import type { Config, PodChoice } from './config/config.ts';
import type { FileSystemSource } from './file-systems/report.ts';
import type { Fields, Pod, PodProperty } from './model.ts';
import type { Logger, Problems } from './problems.ts';
import type { ClusterAccess } from './watch/credentials.ts';
import { createNodeWatch } from './watch/node.ts';
import type { NodeWatch } from './watch/node.ts';
import { createPodWatch } from './watch/pods.ts';
import type { PodWatch } from './watch/pods.ts';
import type { Wait } from './watch/reflector.ts';
import type { Selection } from './watch/selection.ts';

export interface Cluster {
  readonly pods: PodWatch;
  readonly node: NodeWatch | undefined;
  /** Learns until the signal aborts. To be called once. */
  run(signal: AbortSignal): Promise<void>;
}

export interface ClusterOptions {
  readonly config: Config;
  readonly idleLimitMs: number;
  readonly access: ClusterAccess;
  readonly problems: Problems;
  readonly log: Logger;
  /** Monotonic milliseconds. */
  now(): number;
  /** From 0 to below 1. */
  random(): number;
  readonly wait: Wait;
}

export function openCluster(options: ClusterOptions): Cluster {
  const { config, idleLimitMs, access, problems, log, now, random, wait } = options;
  const common = { access, node: config.nodeName, period: config.periodMs, now, random, wait, log };
  const pods = createPodWatch({ ...common, problems, limits: { idle: idleLimitMs }, selection: selectionOf(config.pods) });
  // Its record also says where the kubelet listens.
  const wanted = config.collectors.includes('node') || config.fileSystems?.kind === 'kubelet';
  const node = wanted ? createNodeWatch(common) : undefined;
  return {
    pods,
    node,
    async run(signal) {
      await Promise.all([pods.run(signal), node?.run(signal)]);
    },
  };
}

/** What the watch keeps of the pods: no more of their metadata than is written. */
export function selectionOf({ namespaces, optOut, tags, infoFields }: PodChoice): Selection {
  const keysOf = (wanted: PodProperty['from']): readonly string[] =>
    [...tags, ...infoFields].filter(({ from }) => from === wanted).map(({ key }) => key);
  return { labels: keysOf('label'), annotations: keysOf('annotation'), namespaces, optOut };
}

export interface AlwaysOptions {
  readonly config: Config;
  readonly host: Host;
  readonly nodeTags: NodeTags;
  readonly podTags: PodTags;
  readonly cluster: Cluster | undefined;
  readonly fileSystems: FileSystemSource | undefined;
  /** All pods of the node that are known, by UID. */
  pods(): ReadonlyMap<string, Pod>;
}

/** Pods that are left out request something too, which nobody knows: sums without them would be false. */
const unknownSums: Fields = {
  pods: undefined,
  cpu_requested_nanocores: undefined,
  memory_requested_bytes: undefined,
  ephemeral_requested_bytes: undefined,
};

function stateOf({ pods, node }: Cluster): Fields {
  if (!pods.ready) return {};
  const fields = nodeStateFields(node?.record, pods.snapshot());
  return pods.stats.filtered === 0 ? fields : { ...fields, ...unknownSums };
}

/** What is read in every cycle, whatever pods there are. */
export function openAlways({ config, host, nodeTags, podTags, cluster, fileSystems, pods }: AlwaysOptions): readonly Unit[] {
  const units: Unit[] = [];
  if (config.collectors.includes('node')) {
    units.push(openNodeUnit({ host, nodeTags, state: () => (cluster === undefined ? {} : stateOf(cluster)) }));
  }
  if (config.collectors.includes('state') && cluster !== undefined) {
    units.push(openStateUnit({ host, podTags, infoFields: config.pods.infoFields, pods }));
  }
  if (fileSystems !== undefined) {
    units.push(openFileSystemUnit({ host, nodeTags, podTags, pods, report: () => fileSystems.report }));
  }
  return units;
}
