/**
 * `npm run bench -- sizes`: what one node's points take on the wire and in a real InfluxDB 2, by the bodies that the agent sends and by
 * InfluxDB's own counters once it has compacted all of it. Writes docs/sizing.md. Its containers use some CPU, memory and network, each
 * as chance has it, since what never changes takes next to nothing.
 */
import { setTimeout } from 'node:timers/promises';
import { startInfluxDb } from '../test/servers/influxdb.ts';
import type { InfluxDbServer } from '../test/servers/influxdb.ts';
import { startAgent } from '../test/support/agent-process.ts';
import { startInfluxProxy } from '../test/support/influx-proxy.ts';
import { until } from '../test/support/until.ts';
import { intoDocument } from './document.ts';
import { createNodeLoad } from './node-load.ts';
import { sizesReport } from './sizes-report.ts';

export interface SizesMeasured {
  readonly pods: number;
  readonly containers: number;
  readonly periodMs: number;
  readonly cycles: number;
  /** Each line once, without its end. */
  readonly lines: ReadonlySet<string>;
  readonly sentBytes: number;
  readonly series: number;
  readonly storedBytes: number;
}

const [podCount, containersPerPod] = [20, 2];
const periodMs = 10_000;
const cycles = 90;
const place = {
  cgroups: 'podgauge-sizes',
  // As CNI plugins name the host's ends, which are no interfaces of the node.
  interfaces: 'vethpg',
  network: 215,
  command: (gateway: string) => ['/bin/bash', '-c', workOf(gateway)],
};
/** It writes what it has to disk and makes one file of it as soon as nothing more comes, and not after four hours. */
const eager = ['--storage-cache-snapshot-write-cold-duration=60s', '--storage-compact-full-write-cold-duration=30s'];

export async function measureSizes(): Promise<void> {
  await using influx = await startInfluxDb(eager);
  await using proxy = await startInfluxProxy(influx.url);
  await using load = await createNodeLoad(podCount, containersPerPod, place);
  const { org, bucket, token } = influx;
  const target = ['--influx-url', proxy.url, '--influx-org', org, '--influx-bucket', bucket];
  {
    await using agent = await startAgent({
      args: [...load.args, ...target, '--period', `${periodMs}ms`],
      env: { ...load.env, INFLUX_TOKEN: token },
    });
    await setTimeout(cycles * periodMs);
    await agent.stop();
  }
  const stored = await compacted(influx);
  const report = sizesReport({
    ...{ pods: podCount, containers: podCount * containersPerPod, periodMs, cycles },
    ...{ lines: proxy.journal, sentBytes: proxy.bytes, series: await seriesIn(influx), storedBytes: stored },
  });
  console.log(report);
  intoDocument('sizing.md', report);
}

function workOf(gateway: string): string {
  return `while :; do
    n=$((RANDOM % 1000)); for ((i = 0; i < n; i++)); do held[i]=$RANDOM; done
    for ((i = 0; i < n % 10; i++)); do echo "$n" >/dev/udp/${gateway}/9; done
    sleep 1.$((RANDOM % 1000)); done`;
}

/** Bytes of its files when it has nothing left to compact. */
async function compacted(influx: InfluxDbServer): Promise<number> {
  let files: string | undefined;
  let since = performance.now();
  const quietMs = 60_000;
  await until(
    'all to be compacted',
    async () => {
      const text = await (await fetch(`${influx.url}/metrics`)).text();
      const now = ['storage_tsm_files_disk_bytes', 'storage_cache_inuse_bytes'].map((name) => sumOf(text, name)).join(' ');
      if (now !== files) since = performance.now();
      files = now;
      await setTimeout(1000);
      return now.endsWith(' 0') && performance.now() - since > quietMs;
    },
    { seconds: 600, describe: () => `bytes in files, bytes in the cache: ${files}` },
  );
  return Number(files?.split(' ')[0]);
}

function sumOf(text: string, name: string): number {
  const values = text.split('\n').filter((line) => line.startsWith(`${name}{`));
  let sum = 0;
  for (const line of values) sum += Number(line.slice(line.lastIndexOf(' ') + 1));
  return sum;
}

async function seriesIn({ query, bucket }: InfluxDbServer): Promise<number> {
  const rows = await query(`import "influxdata/influxdb"\ninfluxdb.cardinality(bucket: "${bucket}", start: -1d)`);
  return Number(rows[0]?.['_value']);
}
