/** Nodes without a machine and pods without a process, with objects as large as those of a cluster in use. */
import { containerId } from './bound-pods.ts';
import type { ApiClient, ApiObject, PodSpec } from '../servers/api-client.ts';

export interface FakeNode {
  readonly name: string;
  readonly pods: readonly ApiObject[];
}

const teams = 7;
/** As many as a kubelet tells of at most. */
const images = 50;

/** Each node with this many running pods. */
export async function createFakeNodes(api: ApiClient, names: readonly string[], podsEach: number): Promise<FakeNode[]> {
  await Promise.all(Array.from({ length: teams }, (_, team) => createNamespace(api, teamOf(team))));
  await Promise.all(names.map((name) => api.request('POST', '/api/v1/nodes', nodeObject(name))));
  const specs = names.flatMap((node) => Array.from({ length: podsEach }, (_, i) => podSpec(node, i)));
  const pods = await Promise.all((await api.createPods(specs)).map((pod) => api.patchPodStatus(pod, runningStatus(pod))));
  return names.map((name, i) => ({ name, pods: pods.slice(i * podsEach, (i + 1) * podsEach) }));
}

/** As a kubelet does when a container has restarted. */
export function restarted(pod: ApiObject, restarts: number): object {
  return runningStatus(pod, restarts);
}

async function createNamespace(api: ApiClient, name: string): Promise<void> {
  await api.request('POST', '/api/v1/namespaces', { metadata: { name } });
}

function teamOf(i: number): string {
  return `team-${i % teams}`;
}

function nodeObject(name: string): object {
  const amounts = { cpu: '8', memory: '32Gi', 'ephemeral-storage': '100Gi', pods: '110' };
  return {
    metadata: { name, labels: { 'kubernetes.io/hostname': name, 'topology.kubernetes.io/zone': 'zone-a' } },
    status: {
      capacity: amounts,
      allocatable: amounts,
      addresses: [
        { type: 'InternalIP', address: '192.0.2.7' },
        { type: 'Hostname', address: name },
      ],
      conditions: ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'Ready'].map((type) => ({
        type,
        status: type === 'Ready' ? 'True' : 'False',
        reason: 'KubeletSaysSo',
        message: 'kubelet has what it needs of this',
      })),
      images: Array.from({ length: images }, (_, i) => ({
        names: [
          `registry.example/team/app-${i}@sha256:${containerId(name, String(i))}`,
          `registry.example/team/app-${i}:1.2.3`,
        ],
        sizeBytes: 123_456_789 + i,
      })),
    },
  };
}

function podSpec(node: string, i: number): PodSpec {
  const app = `app-${i % 20}`;
  const hash = '5d4f8c7b9';
  return {
    name: `${app}-${hash}-${node}-${i}`,
    namespace: teamOf(i),
    node,
    metadata: {
      labels: {
        app,
        'pod-template-hash': hash,
        'app.kubernetes.io/name': app,
        'app.kubernetes.io/instance': `${app}-production`,
        'app.kubernetes.io/version': '1.2.3',
        'app.kubernetes.io/part-of': 'shop',
      },
      annotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': '9090', 'checksum/config': containerId(app, hash) },
      ownerReferences: [
        { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: `${app}-${hash}`, uid: ownerUid(i), controller: true },
      ],
    },
    containers: ['main', 'proxy'].map(containerSpec),
    spec: {
      volumes: [
        { name: 'config', configMap: { name: `${app}-config` } },
        { name: 'scratch', emptyDir: {} },
      ],
    },
  };
}

function containerSpec(name: string) {
  const amounts = { cpu: '100m', memory: '128Mi' };
  return {
    name,
    image: `registry.example/team/${name}:1.2.3`,
    ports: [{ containerPort: name === 'main' ? 8080 : 15_001 }],
    env: Array.from({ length: 12 }, (_, i) => ({ name: `SETTING_${i}`, value: `a value of some length, number ${i}` })),
    resources: { requests: amounts, limits: amounts },
    volumeMounts: [
      { name: 'config', mountPath: '/etc/app' },
      { name: 'scratch', mountPath: '/scratch' },
    ],
    readinessProbe: { httpGet: { path: '/ready', port: 8080 }, periodSeconds: 5 },
    livenessProbe: { httpGet: { path: '/live', port: 8080 }, periodSeconds: 20 },
  };
}

function ownerUid(i: number): string {
  return `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`;
}

function runningStatus(pod: ApiObject, restarts = 0): object {
  const uid = pod.metadata.uid ?? '';
  const since = '2026-01-01T00:00:00Z';
  return {
    phase: 'Running',
    qosClass: 'Guaranteed',
    podIP: '198.51.100.7',
    podIPs: [{ ip: '198.51.100.7' }],
    hostIP: '192.0.2.7',
    startTime: since,
    conditions: ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map((type) => ({
      type,
      status: 'True',
      lastTransitionTime: since,
    })),
    containerStatuses: ['main', 'proxy'].map((name) => ({
      name,
      ready: true,
      started: true,
      restartCount: restarts,
      image: `registry.example/team/${name}:1.2.3`,
      imageID: `registry.example/team/${name}@sha256:${containerId('image', name)}`,
      containerID: `containerd://${containerId(uid, `${name} ${restarts}`)}`,
      state: { running: { startedAt: since } },
    })),
  };
}
