/** The pod that a release runs on the node: what the API server, the runtime and the kernel say of it, and its end. */
import type { ApiObject } from '../../servers/api-client.ts';
import type { Cluster } from '../../servers/cluster/cluster.ts';
import { until } from '../until.ts';

/** Those that go among them. */
export async function agentPods({ api }: Cluster, namespace: string): Promise<readonly ApiObject[]> {
  const selector = encodeURIComponent('app.kubernetes.io/name=podgauge,app.kubernetes.io/component=agent');
  const { items = [] } = await api.request('GET', `/api/v1/namespaces/${namespace}/pods?labelSelector=${selector}`);
  return items;
}

interface ContainerStatus {
  readonly name: string;
  readonly containerID: string;
  readonly restartCount: number;
  readonly state: { readonly running?: { readonly startedAt: string } };
}

/** What the API server says of a pod's first container. */
export function containerStatus({ metadata, status }: ApiObject): ContainerStatus {
  const statuses: unknown = status?.['containerStatuses'];
  if (!Array.isArray(statuses)) throw new Error(`pod ${metadata.name} has no containers yet`);
  const [first]: readonly ContainerStatus[] = statuses;
  if (first === undefined) throw new Error(`pod ${metadata.name} has no containers yet`);
  return first;
}

/** Unix time in milliseconds since which a pod's first container runs; the API knows it to a second. Not where it does not run. */
export function startedAt(pod: ApiObject): number {
  const { running } = containerStatus(pod).state;
  if (running === undefined) throw new Error(`the container of pod ${pod.metadata.name} does not run`);
  return Date.parse(running.startedAt);
}

/** What changes when a pod's first container is started again, and by nothing else. */
export function runOf(pod: ApiObject): Pick<ContainerStatus, 'containerID' | 'restartCount' | 'state'> {
  const { containerID, restartCount, state } = containerStatus(pod);
  return { containerID, restartCount, state };
}

/** The first process of a container, by its number in the worker. */
export async function processOf({ worker }: Cluster, pod: ApiObject): Promise<number> {
  const id = containerStatus(pod).containerID.replace('containerd://', '');
  const { stdout } = await worker.run('ctr', '--namespace', 'k8s.io', 'tasks', 'list');
  const pid = new RegExp(`^${id} +(\\d+) `, 'm').exec(stdout)?.[1];
  if (pid === undefined) throw new Error(`containerd runs no ${id}: ${stdout}`);
  return Number(pid);
}

/** The one that is not about to go. */
export async function agentIn(cluster: Cluster, namespace: string): Promise<ApiObject> {
  const pods = (await agentPods(cluster, namespace)).filter(({ metadata }) => metadata['deletionTimestamp'] === undefined);
  const [pod] = pods;
  if (pod === undefined || pods.length !== 1) throw new Error(`there are ${pods.length} agents in ${namespace}`);
  return pod;
}

/** Kills it where it runs. Resolves when the kubelet has told of the next run of its container. */
export async function killAgent(cluster: Cluster, namespace: string): Promise<ApiObject> {
  let agent = await agentIn(cluster, namespace);
  const { restartCount } = containerStatus(agent);
  await cluster.worker.run('kill', '-KILL', String(await processOf(cluster, agent)));
  await until(`the agent in ${namespace} to run again`, async () => {
    agent = await agentIn(cluster, namespace);
    const status = containerStatus(agent);
    return status.restartCount > restartCount && status.state.running !== undefined;
  });
  return agent;
}

/** Resolves when a pod is gone, with the time (milliseconds, to a second) at which somebody asked for that. */
export async function replacedAt({ api }: Cluster, { metadata }: ApiObject): Promise<number> {
  const path = `/api/v1/namespaces/${metadata.namespace}/pods?fieldSelector=metadata.name%3D${metadata.name}`;
  let askedAt: number | undefined;
  const isGone = async () => (await api.request('GET', path)).items?.length === 0;
  // The server may end a watch at any time, and it begins with the pod as it is.
  do {
    for await (const { type, object } of api.watch(path)) {
      const { deletionTimestamp, deletionGracePeriodSeconds } = object.metadata;
      // When it has ended the kubelet asks once more, for its end at once.
      if (deletionTimestamp !== undefined)
        askedAt ??= Date.parse(String(deletionTimestamp)) - Number(deletionGracePeriodSeconds) * 1000;
      if (type === 'DELETED') break;
    }
  } while (!(await isGone()));
  if (askedAt === undefined) throw new Error(`nobody has seen when pod ${metadata.name} was to go`);
  return askedAt;
}

/** Unix time in milliseconds since which a condition of a pod is as it is; the API knows it to a second. */
export function conditionTime({ metadata, status }: ApiObject, type: string): number {
  const conditions: unknown = status?.['conditions'];
  const all: readonly { readonly type: string; readonly lastTransitionTime: string }[] = Array.isArray(conditions)
    ? conditions
    : [];
  const one = all.find((condition) => condition.type === type);
  if (one === undefined) throw new Error(`pod ${metadata.name} has no condition ${type}`);
  return Date.parse(one.lastTransitionTime);
}
