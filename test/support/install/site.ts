/** Where podgauge is installed as an admin would do it: a node, an InfluxDB that its pods reach, the image, and an admin. */
import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { startCluster, type Cluster, type ClusterOptions } from '../../servers/cluster/cluster.ts';
import { startInfluxDb, type InfluxDbServer } from '../../servers/influxdb.ts';
import { createScratchFolder } from '../../servers/service.ts';
import { writeBuiltImage } from '../built-image.ts';
import { createInfluxToken, type InfluxToken } from '../influx-admin.ts';
import { createAdmin, type Admin } from './admin.ts';

export interface Site extends AsyncDisposable {
  readonly cluster: Cluster;
  readonly influx: InfluxDbServer;
  /** May write to the bucket and no more. The admin has it in the file `token`. */
  readonly writer: InfluxToken;
  readonly admin: Admin;
  /** Arguments of helm: the InfluxDB of this site, and points each second. */
  readonly settings: string;
}

export async function startSite(options: ClusterOptions): Promise<Site> {
  await using parts = new AsyncDisposableStack();
  const scratch = parts.use(await createScratchFolder('image'));
  const archive = join(scratch.path, 'podgauge.tar');
  const influx = parts.use(await startInfluxDb());
  const port = Number(new URL(influx.url).port);
  const starting = startCluster({ ...options, hostPorts: [port] });
  parts.defer(async () => (await starting)[Symbol.asyncDispose]());
  const [cluster] = await Promise.all([starting, writeBuiltImage(archive)]);
  await rename(archive, join(cluster.folder, 'podgauge.tar'));
  await cluster.node.importImage('/run/podgauge/podgauge.tar');
  const writer = await createInfluxToken(influx, 'write');
  const admin = parts.use(await createAdmin(await readFile(cluster.adminKubeconfig, 'utf8'), writer.token));
  const { org, bucket } = influx;
  const settings = Object.entries({
    'image.repository': 'registry.example/podgauge',
    'influxdb.url': `http://${cluster.gateway}:${port}`,
    'influxdb.org': org,
    'influxdb.bucket': bucket,
    period: '1s',
  });
  const owned = parts.move();
  return {
    ...{ cluster, influx, writer, admin },
    settings: settings.map(([name, value]) => `--set ${name}=${value}`).join(' '),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
