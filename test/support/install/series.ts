/** The series that a node's pods should have, from what the API server says of them, and those that InfluxDB has. */
import { expect } from 'vitest';
import type { ApiObject } from '../../servers/api-client.ts';
import type { Cluster } from '../../servers/cluster/cluster.ts';
import { influxCycles, type InfluxCycles } from '../influx-cycles.ts';
import { until } from '../until.ts';
import type { Site } from './site.ts';

type Tags = Readonly<Record<string, string>>;

const tagNames = ['cluster', 'container', 'interface', 'namespace', 'node', 'pod', 'qos', 'workload', 'workload_kind'] as const;
const measurements = ['k8s_container', 'k8s_container_info', 'k8s_pod', 'k8s_pod_info', 'k8s_pod_network'] as const;

/** Of all pods that run: their cgroups, what is said of them, and the network of those that have one of their own. */
async function seriesOnNode({ api, nodeName }: Cluster, cluster: string): Promise<readonly string[]> {
  const { items = [] } = await api.request('GET', '/api/v1/pods');
  return items.flatMap((pod) => seriesOfPod(pod, { cluster, node: nodeName })).toSorted();
}

function seriesOfPod(pod: ApiObject, node: Tags): readonly string[] {
  const [kind, workload] = workloadOf(pod);
  const { namespace = '', name } = pod.metadata;
  const tags = { ...node, namespace, pod: name, qos: String(pod.status?.['qosClass']), workload_kind: kind, workload };
  const statuses = ['initContainerStatuses', 'containerStatuses'].flatMap((key) => statusesIn(pod.status?.[key]));
  return [
    seriesName('k8s_pod', tags),
    seriesName('k8s_pod_info', tags),
    ...(pod.spec?.['hostNetwork'] === true ? [] : [seriesName('k8s_pod_network', { ...tags, interface: 'eth0' })]),
    ...statuses.flatMap((status) => {
      const own = { ...tags, container: status.name };
      const running = status.state.running === undefined ? [] : [seriesName('k8s_container', own)];
      return [seriesName('k8s_container_info', own), ...running];
    }),
  ];
}

interface Status {
  readonly name: string;
  readonly state: { readonly running?: object };
}

function statusesIn(list: unknown): readonly Status[] {
  return Array.isArray(list) ? list : [];
}

interface Owner {
  readonly kind: string;
  readonly name: string;
}

/** What an admin made the pod by, in these tests: kind and name. */
function workloadOf({ metadata }: ApiObject): readonly [kind: string, name: string] {
  const owners: unknown = metadata['ownerReferences'];
  const [owner]: readonly Owner[] = Array.isArray(owners) ? owners : [];
  if (owner === undefined) return ['Pod', metadata.name];
  if (owner.kind === 'Node') return ['StaticPod', metadata.name.replace(`-${owner.name}`, '')];
  if (owner.kind === 'ReplicaSet') return ['Deployment', owner.name.replace(/-[^-]+$/, '')];
  return [owner.kind, owner.name];
}

/** All that there ever were. */
async function writtenSeries(cycles: InfluxCycles): Promise<readonly string[]> {
  const names = new Set<string>();
  for (const measurement of measurements) {
    for (const row of await cycles.last(measurement)) names.add(seriesName(measurement, row));
  }
  return [...names].toSorted();
}

function seriesName(measurement: string, tags: Readonly<Record<string, unknown>>): string {
  const present = tagNames.filter((name) => tags[name] !== undefined && tags[name] !== null);
  return [measurement, present.map((name) => `${name}=${String(tags[name])}`).join()].join(' ');
}

/** All that there ever was under this name of a cluster is what the node runs now. */
export async function expectAllSeries({ cluster: node, influx }: Site, cluster: string): Promise<void> {
  const wanted = await seriesOnNode(node, cluster);
  let written: readonly string[] = [];
  await until(
    'all series',
    async () => {
      written = await writtenSeries(influxCycles(influx, cluster));
      return wanted.every((series) => written.includes(series));
    },
    { describe: () => `${wanted.filter((series) => !written.includes(series)).join('\n')}\nof\n${written.join('\n')}` },
  );
  expect(written).toEqual(wanted);
  expect(wanted).toContainEqual(expect.stringMatching(/^k8s_container .*,container=podgauge,.*,workload_kind=DaemonSet$/));
}

/** Of a pod's container, by its last point: for a size of the chart's to be held against. */
export async function usageOf({ influx }: Site, cluster: string, pod: string): Promise<string> {
  // A point between two cycles is of events alone.
  const both = ['memory_working_set_bytes', 'memory_usage_bytes'].map((field) => `r._field == "${field}"`).join(' or ');
  const [row = {}] = await influxCycles(influx, cluster).last('k8s_container', `r.pod == "${pod}" and (${both})`);
  const mebibytes = (field: string) => `${(Number(row[field]) / 2 ** 20).toFixed(0)} MiB`;
  return `${mebibytes('memory_working_set_bytes')} working set, ${mebibytes('memory_usage_bytes')} in all`;
}
