/** The two servers that an agent talks to, for a test that runs where they are, and for one that cannot start any. */
import { readFile } from 'node:fs/promises';
import { createApiClient } from '../servers/api-client.ts';
import type { ApiClient, ApiTarget } from '../servers/api-client.ts';
import { startApiServer } from '../servers/api-server.ts';
import { createFluxQuery, startInfluxDb } from '../servers/influxdb.ts';
import type { InfluxDbAccess, InfluxDbServer } from '../servers/influxdb.ts';

export interface Remotes extends AsyncDisposable {
  readonly api: ApiClient;
  /** Of a user with the rights that the agent needs, and no other. */
  readonly kubeconfig: string;
  readonly influx: InfluxDbAccess & Pick<InfluxDbServer, 'query'>;
  /** What another process needs to use them, for the file that PODGAUGE_TEST_REMOTES names there. */
  readonly access: RemoteAccess;
}

export interface RemoteAccess {
  readonly api: Pick<ApiTarget, 'url' | 'token'> & { readonly ca: string };
  readonly kubeconfig: string;
  readonly influx: InfluxDbAccess;
}

/** Those that PODGAUGE_TEST_REMOTES names, or new ones, which end when this is disposed of. */
export async function openRemotes(): Promise<Remotes> {
  const file = process.env['PODGAUGE_TEST_REMOTES'];
  return file === undefined ? startRemotes() : connectTo(JSON.parse(await readFile(file, 'utf8')));
}

export async function startRemotes(): Promise<Remotes> {
  await using parts = new AsyncDisposableStack();
  const user = { name: 'agent', token: 'token-of-the-agent' };
  const server = parts.use(await startApiServer({ users: [user] }));
  await server.api.allowReading(user.name);
  const influx = parts.use(await startInfluxDb());
  const kubeconfig = server.kubeconfig(user);
  const owned = parts.move();
  return {
    api: server.api,
    kubeconfig,
    influx,
    access: {
      api: { url: server.url, token: server.adminToken, ca: server.ca() },
      kubeconfig,
      influx: { url: influx.url, org: influx.org, bucket: influx.bucket, token: influx.token },
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function connectTo(access: RemoteAccess): Remotes {
  const { api, kubeconfig, influx } = access;
  const client = createApiClient({ ...api, ca: () => api.ca });
  return {
    api: client,
    kubeconfig,
    influx: { ...influx, query: createFluxQuery(influx) },
    access,
    async [Symbol.asyncDispose]() {
      client[Symbol.dispose]();
    },
  };
}
