import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { createProblems } from '../../src/problems.ts';
import { inCluster } from '../../src/watch/credentials.ts';
import { fromKubeconfig } from '../../src/watch/kubeconfig.ts';
import { createPodWatch } from '../../src/watch/pods.ts';
import type { PodWatch } from '../../src/watch/pods.ts';
import type { WatchLimits } from '../../src/watch/reflector.ts';
import type { ApiServer } from '../servers/api-server.ts';
import { startNetwork } from './network.ts';
import type { Network } from './network.ts';

/** The two ways into a cluster; each is a user of its own, so that the server's audit tells them apart. */
export const forms = ['in-cluster', 'kubeconfig'] as const;
export type Form = (typeof forms)[number];

/** The watch of src/ on a real API server, on real time, over a network of its own. */
export interface RealWatch extends AsyncDisposable {
  readonly form: Form;
  readonly network: Network;
  readonly watch: PodWatch;
  /** UIDs of the pods it knows, sorted. */
  uids(): string[];
  /** Writes these credentials to where it reads them. */
  provide(token: string): Promise<void>;
}

export interface RealWatchOptions {
  readonly server: ApiServer;
  readonly form: Form;
  readonly node: string;
  readonly token: string;
  readonly limits?: Partial<WatchLimits>;
}

export async function startRealWatch({ server, form, node, token, limits = {} }: RealWatchOptions): Promise<RealWatch> {
  await using parts = new AsyncDisposableStack();
  const network = parts.use(await startNetwork(Number(new URL(server.url).port)));
  const account = await writeAccount(server, network.port, token);
  parts.defer(() => rm(account.folder, { recursive: true }));
  const access =
    form === 'kubeconfig' ? await fromKubeconfig(join(account.folder, 'kubeconfig')) : inCluster(account.folder, account.env);
  const log = { debug: ignore, info: ignore, warn: ignore, error: ignore };
  const watch = createPodWatch({
    access,
    node,
    period: 0,
    now: () => performance.now(),
    // Chance as it is in the middle: how many requests a time takes is the same each time.
    random: () => 0.5,
    wait: (milliseconds, signal) => setTimeout(milliseconds, undefined, { signal }),
    log,
    problems: createProblems(log),
    limits,
  });
  const stop = new AbortController();
  const ended = watch.run(stop.signal);
  parts.defer(async () => {
    stop.abort();
    await ended;
  });
  const owned = parts.move();
  return {
    form,
    network,
    watch,
    uids: () => Array.from(watch.snapshot().keys()).toSorted(),
    provide: account.provide,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function ignore(): void {
  // What it logs is looked at by the unit tests.
}

export interface Account {
  readonly folder: string;
  /** What a pod's environment says of the API server. */
  readonly env: Readonly<Record<string, string>>;
  /** Writes a token, and the authority that the server has now. */
  provide(token: string): Promise<void>;
}

/** A folder with what both forms of access read: `token` and `ca.crt`, and a `kubeconfig` with both in it. */
export async function writeAccount(server: ApiServer, port: number, token: string): Promise<Account> {
  const folder = await mkdtemp(join(tmpdir(), 'podgauge-account-'));
  async function provide(newToken: string): Promise<void> {
    const kubeconfig = server.kubeconfig({ token: newToken }).replaceAll(server.url, `https://127.0.0.1:${port}`);
    await writeFile(join(folder, 'kubeconfig'), kubeconfig);
    await writeFile(join(folder, 'token'), newToken);
    await writeFile(join(folder, 'ca.crt'), server.ca());
  }
  await provide(token);
  return { folder, env: { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: String(port) }, provide };
}
