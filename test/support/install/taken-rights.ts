/** Rights that an installed agent had and no longer has: each by its name, and what is said of it by the check and by the log of a run. */
import { expect } from 'vitest';
import type { Cluster } from '../../servers/cluster/cluster.ts';
import { podSpecOf } from '../chart-pod.ts';
import type { Manifest } from '../chart.ts';
import { inTime } from '../late-answers.ts';
import { until } from '../until.ts';
import { agentIn, agentPods, killAgent } from './agent.ts';
import type { Site } from './site.ts';

interface TakenRight {
  readonly right: string;
  /** The lines of the check that fail, and those that warn of processes, in their order. */
  readonly found: readonly RegExp[];
  /** Lines that are in the log of a run once each. */
  readonly logged: readonly RegExp[];
}

/** One of the API server's: what is left of the rules of the agent's role. */
export interface TakenRule extends TakenRight {
  readonly rules: readonly object[];
}

const pods = (...verbs: readonly string[]) => ({ apiGroups: [''], resources: ['pods'], verbs });
const node = { apiGroups: [''], resources: ['nodes'], verbs: ['get'] };
const statistics = { apiGroups: [''], resources: ['nodes/stats'], verbs: ['get'] };

/** Of an agent that has its file systems from the kubelet. */
export const takenRules: readonly TakenRule[] = [
  {
    right: 'list of pods',
    rules: [pods('watch'), node, statistics],
    found: [/^FAIL {2}list pods: .*cannot list resource "pods"/],
    logged: [/"cause":"HTTP 403: pods is forbidden: [^,]* cannot list resource .*"msg":"Cannot watch the pods of this node"/],
  },
  {
    right: 'watch of pods and get of nodes',
    rules: [pods('list'), statistics],
    found: [
      /^FAIL {2}watch pods: .*cannot watch resource "pods"/,
      /^FAIL {2}get node: .*cannot get resource "nodes"/,
      // Its address is in the node's object alone.
      /^FAIL {2}kubelet: .*mend what is found of "get node"/,
    ],
    logged: [
      /"cause":"HTTP 403: pods is forbidden: [^,]* cannot watch resource .*"msg":"Cannot watch the pods of this node"/,
      /"cause":"HTTP 403: nodes \\"worker\\" is forbidden: .*"msg":"Cannot read the object of this node: /,
    ],
  },
  {
    right: 'get of nodes/stats',
    rules: [pods('list', 'watch'), node],
    found: [/^FAIL {2}kubelet: .*resources: \["nodes\/stats"\]/],
    logged: [/"msg":"Kubelet at https:\S+ refuses its statistics \(HTTP 403\): allow the service account /],
  },
];

/** One on the node: what is changed of the pod's template, as a strategic merge patch of its `spec`. */
export interface TakenSight extends TakenRight {
  readonly spec: object;
}

const unmounted = (name: string, mountPath: string) => ({
  containers: [{ name: 'podgauge', volumeMounts: [{ $patch: 'delete', mountPath }] }],
  volumes: [{ $patch: 'delete', name }],
});

export const takenHostPid: TakenSight = {
  right: 'hostPID',
  spec: { hostPID: null },
  found: [
    /^warn {2}processes: +cgroup\.procs names no process of the host, and \/proc is not the host's: set hostPID, or mount /,
    /^FAIL {2}processes: +none of \d+ pods has one in \/proc; set hostPID: true, or mount /,
  ],
  logged: [/"msg":"cgroup\.procs names no process of the host, and \/proc is not the host's: set hostPID, or mount /],
};

export const takenMounts: readonly TakenSight[] = [
  {
    right: "mount of the host's /proc",
    spec: unmounted('proc', '/host/proc'),
    found: [
      /^warn {2}processes: +cgroup\.procs names no process of the host, and \/host\/proc is not the host's: set hostPID, or mount /,
      /^FAIL {2}processes: +none of \d+ pods has one in \/host\/proc; set hostPID: true, or mount /,
    ],
    logged: [/"msg":"cgroup\.procs names no process of the host, and \/host\/proc is not the host's: set hostPID, or mount /],
  },
  {
    right: 'mount of the cgroups',
    spec: unmounted('cgroup', '/host/sys/fs/cgroup'),
    found: [/^FAIL {2}cgroups: +No cgroups below "\/host\/sys\/fs\/cgroup": .*; mount the host's \/sys\/fs\/cgroup read-only/],
    logged: [/^podgauge: No cgroups below "\/host\/sys\/fs\/cgroup": .*; set --cgroup-root to where the host's /],
  },
];

/** Takes a rule away, has the agent start again, and gives the rule back. */
export async function expectRuleMissed({ admin, cluster }: Site, namespace: string, taken: TakenRule): Promise<void> {
  const role = `/apis/rbac.authorization.k8s.io/v1/clusterroles/${namespace}:podgauge`;
  const { rules } = taken;
  const { rules: all } = await cluster.api.request('GET', role);
  await cluster.api.request('PATCH', role, { rules });
  try {
    const { name } = (await killAgent(cluster, namespace)).metadata;
    const check = () =>
      admin.sh(`kubectl --namespace ${namespace} exec ${name} -- /nodejs/bin/node /podgauge.mjs check || echo code $?`);
    const findings = await inTime(check);
    expect(findings).toMatch(/^code 1$/m);
    expectFound(findings, taken);
    await expectLoggedOnce(() => cluster.kubectl('--namespace', namespace, 'logs', name), taken);
  } finally {
    await cluster.api.request('PATCH', role, { rules: all });
  }
}

/** Takes a sight away from the agent's pod and from a pod of its template that runs the check, since the agent may not run at all. */
export async function expectSightMissed({ cluster }: Site, namespace: string, taken: TakenSight): Promise<void> {
  const old = (await agentIn(cluster, namespace)).metadata.name;
  const patch = JSON.stringify({ spec: { template: { spec: taken.spec } } });
  const kubectl = (...args: readonly string[]) => cluster.kubectl('--namespace', namespace, ...args);
  await kubectl('patch', 'daemonset', 'podgauge', '--type=strategic', `--patch=${patch}`);
  const [findings, name] = await Promise.all([
    inTime(() => checkOfTemplate(cluster, namespace)),
    successorOf(old, cluster, namespace),
  ]);
  expectFound(findings, taken);
  // Of a container that was not started yet there is none.
  await expectLoggedOnce(() => kubectl('logs', name).catch(String), taken);
}

/** Gives back the sight that was taken last. */
export async function giveBack({ cluster }: Site, namespace: string): Promise<void> {
  for (const step of ['undo', 'status']) await cluster.kubectl('--namespace', namespace, 'rollout', step, 'daemonset/podgauge');
}

async function successorOf(old: string, cluster: Cluster, namespace: string): Promise<string> {
  let name = old;
  await until('the agent of the changed template', async () => {
    const agents = await agentPods(cluster, namespace);
    name = agents.find(({ metadata }) => metadata['deletionTimestamp'] === undefined)?.metadata.name ?? old;
    return name !== old;
  });
  return name;
}

/** What the check prints in a pod that is the agent's but for what it runs; it has to fail. */
async function checkOfTemplate({ api, kubectl }: Cluster, namespace: string): Promise<string> {
  const daemonSet: Manifest = JSON.parse(
    await kubectl('--namespace', namespace, 'get', 'daemonset', 'podgauge', '--output=json'),
  );
  const spec = podSpecOf([daemonSet]);
  const containers = spec.containers.map(
    ({ startupProbe: _startup, livenessProbe: _liveness, readinessProbe: _readiness, ...container }) => ({
      ...container,
      args: ['check'],
    }),
  );
  const path = `/api/v1/namespaces/${namespace}/pods`;
  const pod = { metadata: { name: 'check' }, spec: { ...spec, containers, restartPolicy: 'Never' } };
  await api.request('POST', path, pod);
  let phase: unknown;
  await until('the check to end', async () => {
    phase = (await api.request('GET', `${path}/check`)).status?.['phase'];
    return phase === 'Failed' || phase === 'Succeeded';
  });
  const findings = await kubectl('--namespace', namespace, 'logs', 'check');
  await kubectl('--namespace', namespace, 'delete', 'pod', 'check');
  expect(phase, findings).toBe('Failed');
  return findings;
}

/** The log is asked for again and again until it has them all: of one that ends at once and is started again it may have none at a time. */
async function expectLoggedOnce(log: () => Promise<string>, { logged }: TakenRight): Promise<void> {
  let lines: readonly string[] = [];
  const areLogged = async (): Promise<boolean> => {
    lines = (await log()).split('\n');
    return logged.every((pattern) => lines.some((line) => pattern.test(line)));
  };
  await until('the lines of the log', areLogged, { describe: () => lines.join('\n') });
  for (const pattern of logged) expect(lines.filter((line) => pattern.test(line))).toHaveLength(1);
}

function expectFound(findings: string, { found }: TakenRight): void {
  const wrong = findings.split('\n').filter((line) => /^(?:FAIL|warn {2}processes)/.test(line));
  expect(wrong).toEqual(found.map((pattern) => expect.stringMatching(pattern)));
}
