import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ApiServer, ApiUser } from '../servers/api-server.ts';
import { startInfluxDb } from '../servers/influxdb.ts';
import type { Row } from '../servers/influxdb.ts';
import { createScratchFolder } from '../servers/service.ts';
import { startAgent } from './agent-process.ts';
import type { AgentProcess } from './agent-process.ts';
import { runBoundPods } from './bound-pods.ts';
import { cgroupHost } from './cgroup-host.ts';
import { influxCycles } from './influx-cycles.ts';
import { startNetwork } from './network.ts';
import { cgroupRootOf } from './own-cgroups.ts';
import { savedNames } from './saved-names.ts';
import { until } from './until.ts';

/**
 * An agent that starts without the API server and stays without it, on a node with pods that it knows from the run before and one
 * that nobody names. What is read of that it holds for two minutes: other tests may run meanwhile.
 */
export interface LongHold extends AsyncDisposable {
  readonly agent: AgentProcess;
  /** Its heartbeats in InfluxDB but for the newest, of which not all points may be there yet; oldest first. */
  beats(): Promise<Row[]>;
  /** How many series of a measurement have a point, by time of the cycle. */
  seriesByTime(measurement: string): Promise<ReadonlyMap<unknown, unknown>>;
  /** Every value that a tag has in InfluxDB, sorted. */
  valuesOf(tag: string): Promise<unknown[]>;
}

const node = 'node-of-the-hold';
const prefix = 'podgauge-hold';
const cluster = 'hold';
const always = new Date(0);
const spec = (name: string) => ({ name, node, containers: [{ name: 'main' }, { name: 'side' }] });

/** The names of the pods that it knows; of each, as of the one that nobody names, there are three points a cycle. */
export const knownNames = ['known-0', 'known-1'] as const;

export async function startLongHold(server: ApiServer, user: ApiUser): Promise<LongHold> {
  await using parts = new AsyncDisposableStack();
  const influx = parts.use(await startInfluxDb());
  const network = parts.use(await startNetwork(Number(new URL(server.url).port)));
  const { path: folder } = parts.use(await createScratchFolder('hold'));
  const host = parts.use(cgroupHost({ prefix }));
  const stateDir = join(folder, 'state');
  await mkdir(stateDir);
  const kubeconfig = join(folder, 'kubeconfig');
  await writeFile(kubeconfig, server.kubeconfig(user).replace(server.url, `https://127.0.0.1:${network.port}`));
  const args = [
    ...['--kubeconfig', kubeconfig, '--node-name', node, '--cluster-name', cluster, '--period', '1s'],
    ...['--cgroup-root', cgroupRootOf(prefix, folder), '--collectors', 'cpu,memory,pids', '--state-dir', stateDir],
  ];
  await server.api.createNode(node);
  await runBoundPods(server.api, host, knownNames.map(spec));
  {
    await using _before = await startAgent({ args: [...args, '--output', 'stdout'] });
    await until('the file with the pods', async () => (await savedNames(stateDir)) === knownNames.join());
  }
  network.cut();
  const [nobodys] = await runBoundPods(server.api, host, [spec('nobodys')]);
  if (nobodys !== undefined) await server.api.deletePod(nobodys.object);
  const output = ['--influx-url', influx.url, '--influx-org', influx.org, '--influx-bucket', influx.bucket];
  const agent = parts.use(await startAgent({ args: [...args, ...output], env: { INFLUX_TOKEN: influx.token } }));
  const cycles = influxCycles(influx, cluster);
  const owned = parts.move();
  return {
    agent,
    beats: async () => (await cycles.beats(always)).slice(0, -1),
    seriesByTime: (measurement) => cycles.counts(always, measurement, 'r._field == "pids"'),
    async valuesOf(tag) {
      const rows = await influx.query(`from(bucket: "${influx.bucket}") |> range(start: 0)
        |> filter(fn: (r) => exists r.${tag}) |> keep(columns: ["${tag}"]) |> group() |> distinct(column: "${tag}")`);
      return rows.map((row) => row['_value']).toSorted();
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Of counts by time those of one cycle: a point that is late in it has a time of its own. */
export function seriesBetween(counts: ReadonlyMap<unknown, unknown>, beat: Row, next: Row): number {
  const [from, to] = [beat, next].map((row) => Date.parse(String(row['_time'])));
  let sum = 0;
  for (const [time, count] of counts) {
    const at = Date.parse(String(time));
    if (at >= (from ?? NaN) && at < (to ?? NaN)) sum += Number(count);
  }
  return sum;
}
