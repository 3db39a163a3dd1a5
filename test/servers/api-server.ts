/** A real kube-apiserver on loopback, with RBAC, TLS, an audit log and an etcd. No controller and no kubelet runs beside it. */
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createApiClient, type ApiClient } from './api-client.ts';
import { auditedRequests, auditPolicy, type AuditedRequest } from './audit-log.ts';
import { ensure } from './build.ts';
import { startEtcd, type Etcd } from './etcd.ts';
import { createScratchFolder, freePort, startService, type Service } from './service.ts';

export interface ApiServerOptions {
  /** One of its own where absent. Two API servers on one etcd serve the same objects. */
  readonly etcd?: Etcd;
  readonly port?: number;
  /** Known beside the admin; they may do nothing until RBAC says so. */
  readonly users?: readonly ApiUser[];
  /** How often it has etcd forget history older than one such interval: `5m` where absent, `0` for never. */
  readonly compactionInterval?: string;
  /** Whether pods need accounts and are given their tokens, for which a controller-manager has to make the accounts. */
  readonly accounts?: boolean;
  readonly extraArgs?: readonly string[];
}

export interface ApiUser {
  readonly name: string;
  readonly token: string;
  readonly groups?: readonly string[];
}

export interface ApiServer extends Service {
  readonly url: string;
  readonly adminToken: string;
  /** As the admin. */
  readonly api: ApiClient;
  readonly etcd: Etcd;
  /** The file with the key that signs the tokens of accounts. */
  readonly serviceAccountKey: string;
  /** PEM of the authority that signed what the server shows now. */
  ca(): string;
  /** Text of a kubeconfig file for the bearer of a token, or of what a token file holds at the time. */
  kubeconfig(user: { readonly token: string } | { readonly tokenFile: string }): string;
  /** What it answered to all but admins and itself, in order, watches included; none is told twice. */
  requests(): Promise<AuditedRequest[]>;
  /** Takes the place of all users but the admin, from the next start on. */
  setUsers(users: readonly ApiUser[]): Promise<void>;
  /** Kills it and starts it with a certificate of a new authority. */
  renewAuthority(): Promise<void>;
  /** Kills it, compacts etcd and starts it: a watch from any version before gets 410. */
  forgetHistory(): Promise<void>;
}

export async function startApiServer(options: ApiServerOptions = {}): Promise<ApiServer> {
  const command = await ensure('kube-apiserver');
  await using parts = new AsyncDisposableStack();
  const etcd = options.etcd ?? parts.use(await startEtcd());
  const { path: folder } = parts.use(await createScratchFolder('apiserver'));
  const files = filesIn(folder);
  const port = options.port ?? (await freePort());
  const url = `https://127.0.0.1:${port}`;
  const adminToken = randomUUID();
  const setUsers = (users: readonly ApiUser[]) => writeFile(files.tokens, tokenTable(adminToken, users));
  await setUsers(options.users ?? []);
  await writeFile(files.auditPolicy, auditPolicy);
  await writeFile(files.serviceAccountKey, createKey());

  const ca = () => authorityIn(readFileSync(files.certificate, 'utf8'));
  const api = parts.use(createApiClient({ url, token: adminToken, ca }));
  const service = parts.use(
    await startService({
      command,
      args: argumentsFor({ etcd, port, files, options }),
      logFile: files.log,
      ready: async (signal) => (await api.text('/readyz', signal)) === 'ok',
      readyWithinMs: 180_000,
    }),
  );
  const owned = parts.move();
  return {
    ...service,
    url,
    adminToken,
    api,
    etcd,
    serviceAccountKey: files.serviceAccountKey,
    ca,
    kubeconfig: (user) => kubeconfigText(url, ca(), user),
    requests: async () => auditedRequests(await readFile(files.audit, 'utf8')),
    setUsers,
    async renewAuthority() {
      await service.kill();
      await rm(files.certificates, { recursive: true });
      await service.start();
    },
    async forgetHistory() {
      await service.kill();
      await etcd.compact();
      await service.start();
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

type Files = ReturnType<typeof filesIn>;

function filesIn(folder: string) {
  const certificates = join(folder, 'certificates');
  return {
    log: join(folder, 'log'),
    audit: join(folder, 'audit.log'),
    auditPolicy: join(folder, 'audit-policy.yaml'),
    certificates,
    certificate: join(certificates, 'apiserver.crt'),
    serviceAccountKey: join(folder, 'service-account.key'),
    tokens: join(folder, 'tokens.csv'),
  };
}

interface Settings {
  readonly etcd: Etcd;
  readonly port: number;
  readonly files: Files;
  readonly options: ApiServerOptions;
}

function argumentsFor({ etcd, port, files, options }: Settings): string[] {
  return [
    `--etcd-servers=${etcd.url}`,
    `--etcd-compaction-interval=${options.compactionInterval ?? '5m'}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${port}`,
    // A loopback address may not be advertised, and nothing looks for it here.
    '--advertise-address=192.0.2.1',
    '--endpoint-reconciler-type=none',
    '--service-cluster-ip-range=10.96.0.0/16',
    `--cert-dir=${files.certificates}`,
    `--token-auth-file=${files.tokens}`,
    '--authorization-mode=Node,RBAC',
    '--service-account-issuer=https://podgauge.test',
    `--service-account-key-file=${files.serviceAccountKey}`,
    `--service-account-signing-key-file=${files.serviceAccountKey}`,
    ...(options.accounts === true ? [] : ['--disable-admission-plugins=ServiceAccount']),
    '--allow-privileged',
    `--audit-policy-file=${files.auditPolicy}`,
    `--audit-log-path=${files.audit}`,
    ...(options.extraArgs ?? []),
  ];
}

/** https://kubernetes.io/docs/reference/access-authn-authz/authentication/#static-token-file */
function tokenTable(adminToken: string, users: readonly ApiUser[]): string {
  const rows = [{ name: 'admin', token: adminToken, groups: ['system:masters'] }, ...users];
  return rows.map(({ name, token, groups = [] }) => `${token},${name},${name},"${groups.join(',')}"\n`).join('');
}

function createKey(): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
}

/** The server writes its own certificate first and its authority's second. */
function authorityIn(certificates: string): string {
  const [, authority] = certificates.match(/-----BEGIN [^]*?-----END CERTIFICATE-----\n/g) ?? [];
  if (authority === undefined) throw new Error(`no authority among the certificates of the API server: ${certificates}`);
  return authority;
}

/** JSON, which is YAML too. */
function kubeconfigText(url: string, ca: string, user: object): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server: url, 'certificate-authority-data': btoa(ca) } }],
    users: [{ name: 'test', user }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    'current-context': 'test',
  });
}
