/** etcd, which the API server keeps its objects in. */
import { join } from 'node:path';
import { createScratchFolder, freePort, startService, type Service } from './service.ts';
import { requireTools } from './tools.ts';

export interface Etcd extends Service {
  readonly url: string;
  /** Forgets all history before now, for good: who then asks for what changed since an older revision is refused. */
  compact(): Promise<void>;
}

export async function startEtcd(): Promise<Etcd> {
  await requireTools(['etcd']);
  await using parts = new AsyncDisposableStack();
  const folder = parts.use(await createScratchFolder('etcd'));
  const url = `http://127.0.0.1:${await freePort()}`;
  const peerUrl = `http://127.0.0.1:${await freePort()}`;
  const service = parts.use(
    await startService({
      command: 'etcd',
      args: [
        ['--data-dir', join(folder.path, 'data'), '--unsafe-no-fsync'],
        ['--listen-client-urls', url, '--advertise-client-urls', url],
        ['--listen-peer-urls', peerUrl, '--initial-advertise-peer-urls', peerUrl, '--initial-cluster', `default=${peerUrl}`],
      ].flat(),
      logFile: join(folder.path, 'log'),
      ready: async (signal) => (await fetch(`${url}/health`, { signal })).ok,
      readyWithinMs: 20_000,
    }),
  );
  const owned = parts.move();
  return { ...service, url, compact: () => compact(url), [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

async function compact(url: string): Promise<void> {
  // Any key will do: each answer's header names the revision of now.
  const { header } = await call<{ header: { revision: string } }>(`${url}/v3/kv/range`, { key: btoa('any') });
  await call(`${url}/v3/kv/compaction`, { revision: header.revision, physical: true });
}

async function call<Answer>(url: string, body: object): Promise<Answer> {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`POST ${url} ${response.status}: ${await response.text()}`);
  const answer: Answer = JSON.parse(await response.text());
  return answer;
}
