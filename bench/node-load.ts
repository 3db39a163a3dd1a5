/** The load of the benchmark: pods in real cgroups and network namespaces, and the API server that tells of them. */
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { selfSigned } from '../test/support/certificates.ts';
import { cgroupHost } from '../test/support/cgroup-host.ts';
import type { RealPod } from '../test/support/cgroup-host.ts';
import { podNetworks } from '../test/support/pod-network.ts';
import { podList, scriptedApi, watchThatStays } from '../test/support/scripted-api.ts';
import type { Step } from '../test/support/scripted-api.ts';

export interface NodeLoad extends AsyncDisposable {
  readonly pods: readonly RealPod[];
  /** Flags and environment with which the agent finds the API server as it does in a cluster. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export interface LoadPlace {
  /** What begins the names of its cgroups, and of its network interfaces. */
  readonly cgroups: string;
  readonly interfaces: string;
  /** The second byte of 10.x.0.0/16. */
  readonly network: number;
  /** What runs in each container; `gateway` is the other end of its pod's network. */
  command(gateway: string): readonly string[];
}

const node = 'bench-node';
const idlePlace: LoadPlace = {
  cgroups: 'podgauge-bench',
  interfaces: 'pgbench',
  network: 214,
  command: () => ['/bin/sleep', '3600'],
};
const mostRequests = 100;

function hex(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

export async function createNodeLoad(
  podCount: number,
  containersPerPod: number,
  { cgroups, interfaces, network, command }: LoadPlace = idlePlace,
): Promise<NodeLoad> {
  await using parts = new AsyncDisposableStack();
  const networks = parts.use(podNetworks({ name: interfaces, count: podCount, network }));
  const host = parts.use(cgroupHost({ prefix: cgroups }));
  const pods = networks.networks.map(({ netns, peerAddress }, i) =>
    host.makePod({
      uid: `00000000-0000-4000-8000-${hex(`pod ${i}`).slice(0, 12)}`,
      qos: 'Burstable',
      netns,
      containers: Array.from({ length: containersPerPod }, (_, c) => ({
        name: `container-${c}`,
        id: hex(`pod ${i} container ${c}`),
        command: command(peerAddress),
      })),
    }),
  );

  const certificate = await selfSigned('bench');
  const api = parts.use(await scriptedApi(certificate));
  const list = podList('1', ...pods.map(objectOf));
  const watch = watchThatStays();
  const answer: Step = (response, request) => ('watch' in request.query ? watch : list)(response, request);
  api.script(...Array.from({ length: mostRequests }, () => answer));

  const folder = await mkdtemp(join(tmpdir(), 'podgauge-bench-'));
  parts.defer(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'token'), 'token-of-the-bench');
  await writeFile(join(folder, 'ca.crt'), certificate.cert);
  const { hostname, port } = new URL(api.url);
  const owned = parts.move();
  return {
    pods,
    args: ['--service-account-dir', folder, '--node-name', node, '--cluster-name', 'bench'],
    env: { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** As the API server has it, with the parts that make a pod's object large: labels, environment, conditions. */
function objectOf(pod: RealPod, i: number): object {
  const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: `app-${i % 20}-5d4f8c7b9`, uid: 'u', controller: true };
  return {
    metadata: {
      name: `app-${i % 20}-5d4f8c7b9-${hex(pod.uid).slice(0, 5)}`,
      namespace: `team-${i % 7}`,
      uid: pod.uid,
      labels: { app: `app-${i % 20}`, 'pod-template-hash': '5d4f8c7b9', 'app.kubernetes.io/part-of': 'shop' },
      ownerReferences: [owner],
    },
    spec: {
      nodeName: node,
      containers: pod.containers.map(({ name }) => ({
        name,
        image: 'registry.example/team/app:1.2.3',
        env: Array.from({ length: 20 }, (_, e) => ({ name: `SETTING_${e}`, value: 'a value of some length' })),
      })),
    },
    status: {
      phase: 'Running',
      qosClass: 'Burstable',
      containerStatuses: pod.containers.map(({ name, id }) => ({
        name,
        containerID: `containerd://${id}`,
        state: { running: { startedAt: '2026-01-01T00:00:00Z' } },
      })),
    },
  };
}
