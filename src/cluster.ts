/** What is learned from beyond this host: its pods and its node from the API server. */
import { openFileSystemUnit } from './collect/file-system-unit.ts';
import { nodeStateFields } from './collect/node-state.ts';
import { openNodeUnit } from './collect/node-unit.ts';
import type { NodeTags, PodTags } from './collect/pod-tags.ts';
import type { Host } from './collect/host.ts';
import { openStateUnit } from './collect/state-unit.ts';
import type { Unit } from './collect/unit.ts';
import type { Config, PodChoice } from './config/config.ts';
import type { Environment } from './config/environment.ts';
import { asConfigError, configured } from './config/error.ts';
import type { FileSystemSource } from './file-systems/report.ts';
import { parseBootId } from './host/boot-id.ts';
import { savedPodsOf } from './last-run.ts';
import type { LastRun } from './last-run.ts';
import type { Fields, Pod, PodProperty } from './model.ts';
import { readOnce } from './locate/process-files.ts';
import type { ProcessHost } from './locate/process-files.ts';
import { createProblems } from './problems.ts';
import type { Logger, Problems } from './problems.ts';
import { inCluster } from './watch/credentials.ts';
import type { ClusterAccess } from './watch/credentials.ts';
import { fromKubeconfig } from './watch/kubeconfig.ts';
import { createNodeWatch } from './watch/node.ts';
import type { NodeWatch } from './watch/node.ts';
import { savePods } from './watch/pod-saver.ts';
import { createPodWatch } from './watch/pods.ts';
import type { PodWatch } from './watch/pods.ts';
import type { Wait } from './watch/reflector.ts';
import type { Selection } from './watch/selection.ts';

/** @throws ConfigError when what was configured is no way to an API server */
export async function accessOf(source: Config['source'], env: Environment): Promise<ClusterAccess | undefined> {
  if (source.kind === 'cgroup') return undefined;
  const { access } = source;
  if (access.kind === 'in-cluster') return configured(() => inCluster(access.serviceAccountDir, env));
  try {
    return await fromKubeconfig(access.path);
  } catch (error) {
    throw asConfigError(error);
  }
}

export interface Cluster {
  readonly pods: PodWatch;
  readonly node: NodeWatch | undefined;
  /** What went wrong with the file that keeps the pods for the next run: all of it is of kind `denied`. */
  readonly savingProblems: Pick<Problems, 'counts'>;
  /** Learns until the signal aborts. To be called once. */
  run(signal: AbortSignal): Promise<void>;
}

/** Where the pods are learned from. */
export interface Learning {
  readonly access: ClusterAccess | undefined;
  readonly lastRun?: LastRun | undefined;
}

export interface ClusterOptions extends Learning {
  readonly config: Config;
  readonly host: ProcessHost;
  readonly log: Logger;
  /** Monotonic milliseconds. */
  now(): number;
  /** From 0 to below 1. */
  random(): number;
  readonly wait: Wait;
}

/** `undefined` where the source of pods is the host alone. */
export function openCluster(options: ClusterOptions): Cluster | undefined {
  const { config, access, lastRun, host, log, now, random, wait } = options;
  const { source } = config;
  if (access === undefined || source.kind !== 'kubernetes') return undefined;
  const { problems } = host;
  const common = { access, node: config.nodeName, period: config.periodMs, now, random, wait, log };
  const selection = selectionOf(config.pods);
  const boot = readOnce(host, `${host.procRoot}/sys/kernel/random/boot_id`, '', parseBootId);
  const of = { cluster: config.clusterName, node: config.nodeName, selection: JSON.stringify(selection), boot };
  const savingProblems = createProblems(log);
  const saved = lastRun && savedPodsOf(lastRun, of, { problems: savingProblems, log });
  const path = lastRun?.path;
  const pods = createPodWatch({ ...common, problems, limits: { idle: source.idleLimitMs }, selection, saved });
  // Its record also says where the kubelet listens.
  const wanted = config.collectors.includes('node') || config.fileSystems?.kind === 'kubelet';
  const node = wanted ? createNodeWatch(common) : undefined;
  return {
    pods,
    node,
    savingProblems,
    async run(signal) {
      const saving = path !== undefined && savePods({ path, of, watch: pods, problems: savingProblems, now, wait }, signal);
      await Promise.all([pods.run(signal), node?.run(signal), saving]);
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

const nothingTold: ReadonlyMap<string, Pod> = new Map();

/** What is read in every cycle, whatever pods there are. */
export function openAlways({ config, host, nodeTags, podTags, cluster, fileSystems, pods }: AlwaysOptions): readonly Unit[] {
  const units: Unit[] = [];
  if (config.collectors.includes('node')) {
    units.push(openNodeUnit({ host, nodeTags, state: () => (cluster === undefined ? {} : stateOf(cluster)) }));
  }
  if (config.collectors.includes('state') && cluster !== undefined) {
    // What the last run knew of a state is over: only names stay true.
    const told = (): ReadonlyMap<string, Pod> => (cluster.pods.ready ? cluster.pods.snapshot() : nothingTold);
    units.push(openStateUnit({ host, podTags, infoFields: config.pods.infoFields, pods: told }));
  }
  if (fileSystems !== undefined) {
    units.push(openFileSystemUnit({ host, nodeTags, podTags, pods, report: () => fileSystems.report }));
  }
  return units;
}
