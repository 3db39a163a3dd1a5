/** A real InfluxDB 2 on loopback, set up with one organisation, one bucket and one token. */
import { InfluxDB } from '@influxdata/influxdb-client';
import { join } from 'node:path';
import { ensure } from './build.ts';
import { createScratchFolder, freePort, startService, type Service } from './service.ts';

export type Row = Readonly<Record<string, unknown>>;

export interface InfluxDbAccess {
  readonly url: string;
  readonly org: string;
  readonly bucket: string;
  /** May do everything. */
  readonly token: string;
}

export interface InfluxDbServer extends Service, InfluxDbAccess {
  /** The rows of a Flux query, all tables together. */
  query(flux: string): Promise<Row[]>;
}

export async function startInfluxDb(extraArgs: readonly string[] = []): Promise<InfluxDbServer> {
  const command = await ensure('influxd');
  await using parts = new AsyncDisposableStack();
  const { path: folder } = parts.use(await createScratchFolder('influxdb'));
  const address = `127.0.0.1:${await freePort()}`;
  const url = `http://${address}`;
  const access = { org: 'test', bucket: 'pods', token: 'the-token-of-the-tests' };
  const service = parts.use(
    await startService({
      command,
      args: [
        `--bolt-path=${join(folder, 'bolt')}`,
        `--engine-path=${join(folder, 'engine')}`,
        `--sqlite-path=${join(folder, 'sqlite')}`,
        `--http-bind-address=${address}`,
        '--reporting-disabled',
        ...extraArgs,
      ],
      // It keeps further files under the home of its user.
      env: { HOME: folder },
      logFile: join(folder, 'log'),
      ready: async (signal) => (await fetch(`${url}/health`, { signal })).ok,
      readyWithinMs: 60_000,
    }),
  );
  await setUp(url, { username: 'admin', password: 'a-password', ...access });
  const owned = parts.move();
  return {
    ...service,
    ...access,
    url,
    query: createFluxQuery({ url, ...access }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

export function createFluxQuery({ url, token, org }: InfluxDbAccess): InfluxDbServer['query'] {
  // A machine that is busy may take longer than the client's ten seconds.
  const queries = new InfluxDB({ url, token, timeout: 60_000 }).getQueryApi(org);
  return (flux) => queries.collectRows<Row>(flux);
}

async function setUp(url: string, body: object): Promise<void> {
  const response = await fetch(`${url}/api/v2/setup`, { method: 'POST', body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`InfluxDB could not be set up: ${response.status} ${await response.text()}`);
}
