/** A whole control plane on loopback: API server, controller-manager and scheduler. It reaches the nodes through a proxy. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createApiClient } from '../api-client.ts';
import { startApiServer, type ApiServer, type ApiUser } from '../api-server.ts';
import { ensure, type ServerName } from '../build.ts';
import { freePort, startService, type Service } from '../service.ts';
import type { Authority } from './authority.ts';

export interface ControlPlaneOptions {
  /** Takes files, and holds no others of theirs. */
  readonly folder: string;
  /** Signs the API server's certificate towards kubelets, and theirs. */
  readonly authority: Authority;
  /** Unix socket that takes HTTP's CONNECT into the nodes' network; it need not be there yet. */
  readonly proxy: string;
  readonly port: number;
  readonly users: readonly ApiUser[];
}

export interface ControlPlane extends AsyncDisposable {
  readonly server: ApiServer;
}

export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  await using parts = new AsyncDisposableStack();
  const server = parts.use(await startApiServer(await apiServerOptions(options)));
  const kubeconfig = join(options.folder, 'admin.kubeconfig');
  await writeFile(kubeconfig, server.kubeconfig({ token: server.adminToken }));
  const common = ['--kubeconfig', kubeconfig, '--leader-elect=false', '--bind-address=127.0.0.1'];
  await writeFile(join(options.folder, 'api-server.crt'), server.ca());
  const accounts = [
    '--use-service-account-credentials',
    `--service-account-private-key-file=${server.serviceAccountKey}`,
    `--root-ca-file=${join(options.folder, 'api-server.crt')}`,
  ];
  const started = await Promise.all([
    startDaemon('kube-controller-manager', options.folder, [...common, ...accounts]),
    startDaemon('kube-scheduler', options.folder, common),
  ]);
  for (const service of started) parts.use(service);
  const owned = parts.move();
  return { server, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

async function apiServerOptions({ folder, authority, proxy, port, users }: ControlPlaneOptions) {
  const client = await authority.issue('api-server-client', '/O=system:masters/CN=kube-apiserver-kubelet-client');
  const egress = join(folder, 'egress.json');
  const connection = { proxyProtocol: 'HTTPConnect', transport: { uds: { udsName: proxy } } };
  const selection = { egressSelections: [{ name: 'cluster', connection }] };
  const type = { apiVersion: 'apiserver.k8s.io/v1beta1', kind: 'EgressSelectorConfiguration' };
  await writeFile(egress, JSON.stringify({ ...type, ...selection }));
  return {
    port,
    users,
    accounts: true,
    extraArgs: [
      `--egress-selector-config-file=${egress}`,
      `--kubelet-certificate-authority=${authority.file}`,
      `--kubelet-client-certificate=${client.certificate}`,
      `--kubelet-client-key=${client.key}`,
      '--kubelet-preferred-address-types=InternalIP',
    ],
  };
}

/** Its own certificate is made in `folder`, which is how it is trusted here. */
async function startDaemon(name: ServerName, folder: string, args: readonly string[]): Promise<Service> {
  const port = await freePort();
  const ca = () => readFileSync(join(folder, `${name}.crt`), 'utf8');
  const api = createApiClient({ url: `https://127.0.0.1:${port}`, token: randomUUID(), ca });
  return await startService({
    command: await ensure(name),
    args: [...args, `--secure-port=${port}`, `--cert-dir=${folder}`],
    logFile: join(folder, `${name}.log`),
    ready: async (signal) => (await api.text('/healthz', signal)) === 'ok',
    readyWithinMs: 180_000,
  });
}
