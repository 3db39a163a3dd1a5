/**
 * A Kubernetes 1.36 cluster: the control plane on loopback, and one node in User Mode Linux with containerd, a kubelet that asks for
 * authentication and authorization, and the image `test.local/tools:1` (busybox, and `load` of test/node/load.c). Nothing of it
 * outlives its disposal or the test process, and nothing of the host is touched.
 */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isReady, type ApiClient } from '../api-client.ts';
import type { ApiServer, ApiUser } from '../api-server.ts';
import { run } from '../command.ts';
import { ensureClients } from '../kubectl.ts';
import { createScratchFolder, freePort } from '../service.ts';
import { createAuthority } from './authority.ts';
import { startControlPlane } from './control-plane.ts';
import { nodeName, startNode, type Node } from './node.ts';
import type { NodeChoices } from './node-config.ts';
import { bootWorker, gateway, proxyOf, type Worker, type WorkerOptions } from './worker.ts';

export interface ClusterOptions extends Partial<NodeChoices> {
  /** The worker's first process; `none` where absent. */
  readonly init?: WorkerOptions['init'];
  /** Known beside the admin. */
  readonly users?: readonly ApiUser[];
  readonly staticPods?: readonly object[];
  /** Ports of this machine's 127.0.0.1, which in the worker and its pods are the ones of `cluster.gateway`. */
  readonly hostPorts?: readonly number[];
  /** Of the worker, `4G` where absent; only what is touched is taken from the host. */
  readonly memory?: string;
}

export interface Cluster extends AsyncDisposable {
  readonly server: ApiServer;
  /** As the admin. */
  readonly api: ApiClient;
  readonly nodeName: string;
  readonly worker: Worker;
  readonly node: Node;
  /** The host's folder that the worker knows as /run/podgauge. */
  readonly folder: string;
  readonly gateway: string;
  /** PEM of the authority that signed the kubelet's certificate for its address and its name. */
  readonly kubeletCa: string;
  /** Text of a kubeconfig for use in the worker and its pods, where the server has the address that pods are told too. */
  kubeconfig(token: string): string;
  kubectl(...args: readonly string[]): Promise<string>;
  /** Of the admin. */
  readonly adminKubeconfig: string;
}

const serviceAddress = '10.96.0.1:443';

/** Resolves when the node is ready. */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const {
    init = 'none',
    cgroupDriver = init === 'none' ? 'cgroupfs' : 'systemd',
    runtime = 'runc',
    memory = '4G',
    hostPorts = [],
  } = options;
  await using parts = new AsyncDisposableStack();
  const { path: own } = parts.use(await createScratchFolder('cluster'));
  const { path: folder } = parts.use(await createScratchFolder('worker'));
  const authority = await createAuthority(own);
  const port = await freePort();
  const kubelet = { name: `system:node:${nodeName}`, token: randomUUID(), groups: ['system:nodes'] };
  const users = [kubelet, ...(options.users ?? [])];
  const forwards = [{ at: serviceAddress, port }, ...hostPorts.map((one) => ({ at: `${gateway}:${one}`, port: one }))];
  const [control, worker] = await Promise.all([
    startControlPlane({ folder: own, authority, proxy: proxyOf(folder), port, users }),
    bootWorker({ folder, forwards, init, memory }),
  ]);
  parts.use(control);
  parts.use(worker);
  const { server } = control;
  const { api } = server;
  const kubeconfig = (token: string) => server.kubeconfig({ token }).replace(server.url, `https://${serviceAddress}`);
  const node = await startNode({
    ...{ worker, init, folder, authority, cgroupDriver, runtime, longestBackOff: options.longestBackOff },
    kubeconfig: kubeconfig(kubelet.token),
    staticPods: options.staticPods ?? [],
  });
  await untilReady(api, node.logs);
  const { kubectl } = await ensureClients();
  const adminKubeconfig = join(own, 'admin.kubeconfig');
  const owned = parts.move();
  return {
    ...{ server, api, nodeName, worker, node, folder, gateway, kubeconfig, adminKubeconfig },
    kubeletCa: authority.certificate,
    kubectl: (...args) => run(kubectl, ['--kubeconfig', adminKubeconfig, ...args]),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** The node, and the account without which no pod can be made. */
async function untilReady(api: ApiClient, logs: () => string): Promise<void> {
  const deadline = AbortSignal.timeout(300_000);
  for (;;) {
    try {
      const node = await api.request('GET', `/api/v1/nodes/${nodeName}`, undefined, deadline);
      await api.request('GET', '/api/v1/namespaces/default/serviceaccounts/default', undefined, deadline);
      if (isReady(node)) return;
    } catch (error) {
      if (deadline.aborted) throw new Error(`the node does not become ready:\n${logs()}`, { cause: error });
    }
    await sleep(100);
  }
}
