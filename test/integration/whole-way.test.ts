import { createSocket } from 'node:dgram';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Row } from '../servers/influxdb.ts';
import { startAgent } from '../support/agent-process.ts';
import type { AgentProcess } from '../support/agent-process.ts';
import { runBoundPods } from '../support/bound-pods.ts';
import type { BoundPod } from '../support/bound-pods.ts';
import { cgroupHost } from '../support/cgroup-host.ts';
import type { CgroupHost } from '../support/cgroup-host.ts';
import { peerCounters, podNetworks } from '../support/pod-network.ts';
import type { PodNetworks } from '../support/pod-network.ts';
import { openRemotes } from '../support/remotes.ts';
import type { Remotes } from '../support/remotes.ts';

const node = 'node-of-the-whole-way';
const podCount = 20;
const busy = ['/bin/sh', '-c', 'while :; do :; done'];
const idle = ['/bin/sleep', '3600'];
/** Holds 20 MB of anonymous memory and waits: `tail` keeps what may be the end. */
const filled = ['/bin/sh', '-c', '{ head -c 20000000 /dev/zero; exec sleep 3600; } | tail -c 20000000'];

const parts = new AsyncDisposableStack();
let influx: Remotes['influx'];
let host: CgroupHost;
let networks: PodNetworks;
let pods: BoundPod[];
let agent: AgentProcess;

beforeAll(async () => {
  const remotes = parts.use(await openRemotes());
  influx = remotes.influx;
  await remotes.api.createNode(node);
  networks = parts.use(podNetworks({ name: 'pgway', count: podCount }));
  host = parts.use(cgroupHost({ prefix: 'podgauge-whole-way' }));
  pods = await runBoundPods(remotes.api, host, podSpecs());

  const folder = await mkdtemp(join(tmpdir(), 'podgauge-whole-way-'));
  await writeFile(join(folder, 'kubeconfig'), remotes.kubeconfig);
  await writeFile(join(folder, 'token'), influx.token);
  agent = parts.use(
    await startAgent({
      args: [
        ...['--kubeconfig', join(folder, 'kubeconfig'), '--node-name', node, '--cluster-name', 'real', '--period', '1s'],
        ...['--influx-url', influx.url, '--influx-org', influx.org, '--influx-bucket', influx.bucket],
        ...['--influx-token-file', join(folder, 'token')],
      ],
    }),
  );
  await until(async () => (await last('k8s_container')).length === podCount * 2);
}, 1_800_000);

afterAll(() => parts.disposeAsync());

/** The first pod's first container has half a core; the rest are idle, or hold memory. */
function podSpecs(): Parameters<typeof runBoundPods>[2] {
  return networks.networks.map(({ netns }, i) => ({
    name: `web-${i}`,
    node,
    netns,
    metadata: { ownerReferences: [{ apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'web', uid: 'u', controller: true }] },
    containers: [
      i === 0 ? { name: 'main', command: busy, cores: 0.5 } : { name: 'main', command: i % 2 === 0 ? idle : filled },
      { name: 'side', command: idle, memoryLimit: 64 * 1024 * 1024 },
    ],
  }));
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = AbortSignal.timeout(60_000);
  while (!(await condition())) {
    if (deadline.aborted)
      throw new Error(`Not within a minute; the agent's log:\n${JSON.stringify(agent.log.slice(-20), null, 1)}`);
    await setTimeout(200);
  }
}

/** The newest point of each pod or container, its fields as columns. */
async function last(measurement: string, filter = 'true'): Promise<Row[]> {
  return influx.query(`${await points(measurement, filter)} |> group(columns: ["pod", "container"])
    |> sort(columns: ["_time"]) |> last(column: "_time")`);
}

/** All points since a moment, oldest first. */
async function since(time: Date, measurement: string, filter: string): Promise<Row[]> {
  return influx.query(`${await points(measurement, filter, time.toISOString())} |> group() |> sort(columns: ["_time"])`);
}

/** Those older than the newest heartbeat: InfluxDB may show some fields of a batch before the others, but one batch at a time. */
async function points(measurement: string, filter: string, start = '-1h'): Promise<string> {
  const [beat] = await influx.query(`from(bucket: "${influx.bucket}") |> range(start: -1h)
    |> filter(fn: (r) => r._measurement == "podgauge" and r._field == "sequence") |> last()`);
  return `from(bucket: "${influx.bucket}") |> range(start: ${start})
    |> filter(fn: (r) => r._measurement == "${measurement}" and (${filter}) and r._time < ${String(beat?.['_time'] ?? '1970-01-01T00:00:00Z')})
    |> drop(columns: ["_start", "_stop"]) |> pivot(rowKey: ["_time"], columnKey: ["_field"], valueColumn: "_value")`;
}

test('knows which kind of cgroups the host has', () => {
  const kind = host.version === 2 ? 'v2' : expect.stringMatching(/^(v1|hybrid)$/);
  expect(agent.log).toContainEqual(expect.objectContaining({ cgroups: kind }));
});

test('finds every pod and container under the right tags', async () => {
  const tags = {
    cluster: 'real',
    node,
    namespace: 'default',
    qos: 'BestEffort',
    workload: 'web',
    workload_kind: 'StatefulSet',
  };
  const containers = await last('k8s_container');
  const names = containers.map((row) => `${String(row['pod'])}/${String(row['container'])}`).toSorted();
  expect(names).toEqual(
    pods.flatMap(({ object: { metadata } }) => [`${metadata.name}/main`, `${metadata.name}/side`]).toSorted(),
  );
  const own = await last('k8s_pod');
  expect(own.map((row) => row['pod']).toSorted()).toEqual(pods.map(({ object }) => object.metadata.name).toSorted());
  for (const row of [...containers, ...own]) expect(row).toMatchObject(tags);
});

test('writes what lies between two readings of the kernel', async () => {
  const cgroups = pods.flatMap(({ object, real }) => [
    { series: `k8s_pod ${object.metadata.name}`, path: real.path },
    ...real.containers.map(({ name, path }) => ({ series: `k8s_container ${object.metadata.name} ${name}`, path })),
  ]);
  const from = new Date();
  const before = cgroups.map(({ path }) => kernel(path));
  const rows = new Map<string, Row>();
  await until(async () => {
    for (const measurement of ['k8s_pod', 'k8s_container']) {
      for (const row of await since(from, measurement, 'true')) {
        // A file that was slow to read rests for some cycles.
        if (kernelFields.every((field) => typeof row[field] === 'number')) rows.set(seriesOf(measurement, row), row);
      }
    }
    return rows.size === cgroups.length;
  });
  const after = cgroups.map(({ path }) => kernel(path));
  for (const [i, { series }] of cgroups.entries()) {
    const row = rows.get(series);
    for (const field of kernelFields) {
      const [one = Number.NaN, other = Number.NaN] = [before[i]?.[field], after[i]?.[field]];
      expectWithin(row?.[field], Math.min(one, other), Math.max(one, other));
    }
  }
});

function seriesOf(measurement: string, row: Row): string {
  return [measurement, row['pod'], row['container']].filter((part) => part !== undefined).join(' ');
}

const kernelFields = ['cpu_usage_core_nanoseconds', 'pids', 'memory_usage_bytes', 'memory_rss_bytes'] as const;

function kernel(path: string): Record<(typeof kernelFields)[number], number> {
  const stat = host.read('memory', path, 'memory.stat');
  const pids = Number(host.read('pids', path, 'pids.current'));
  if (host.version === 2) {
    const usage = /^usage_usec (\d+)$/m.exec(host.read('cpu', path, 'cpu.stat'))?.[1];
    return {
      cpu_usage_core_nanoseconds: Number(usage) * 1000,
      pids,
      memory_usage_bytes: Number(host.read('memory', path, 'memory.current')),
      memory_rss_bytes: Number(/^anon (\d+)$/m.exec(stat)?.[1]),
    };
  }
  return {
    cpu_usage_core_nanoseconds: Number(host.read('cpuacct', path, 'cpuacct.usage')),
    pids,
    memory_usage_bytes: Number(host.read('memory', path, 'memory.usage_in_bytes')),
    memory_rss_bytes: Number(/^total_rss (\d+)$/m.exec(stat)?.[1]),
  };
}

function expectWithin(value: unknown, low: number, high: number): void {
  expect(value).toBeGreaterThanOrEqual(low);
  expect(value).toBeLessThanOrEqual(high);
}

test('writes the limits, and none where there is none', async () => {
  const rows = await last('k8s_container', 'r.pod == "web-1"');
  const side = rows.find((row) => row['container'] === 'side');
  expect(side).toMatchObject({ memory_limit_bytes: 64 * 1024 * 1024 });
  expect(rows.find((row) => row['container'] === 'main')).not.toHaveProperty('memory_limit_bytes');
});

test('says half a core of a process that is held at half a core', async () => {
  const from = new Date();
  let rates: number[] = [];
  await until(async () => {
    const rows = await since(from, 'k8s_container', 'r.pod == "web-0" and r.container == "main"');
    rates = rows.map((row) => row['cpu_usage_nanocores']).filter((rate) => typeof rate === 'number');
    return rates.length >= 10;
  });
  const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
  expectWithin(mean, 0.45e9, 0.55e9);
});

test('counts what the other end of the pair counts', async () => {
  for (const { podAddress } of networks.networks) await sendDatagrams(podAddress, 50);
  await setTimeout(500);
  const from = new Date();
  await until(async () => (await since(from, 'k8s_pod_network', 'true')).length >= podCount * 2);
  const rows = await since(from, 'k8s_pod_network', 'true');
  for (const [i, { peer }] of networks.networks.entries()) {
    const peers = peerCounters(peer);
    const row = rows.findLast((each) => each['pod'] === `web-${i}`);
    expect(row).toMatchObject({
      interface: 'eth0',
      is_default: true,
      rx_bytes: Number(peers.txBytes),
      rx_packets: Number(peers.txPackets),
      tx_bytes: Number(peers.rxBytes),
      tx_packets: Number(peers.rxPackets),
    });
    expect(row?.['rx_packets']).toBeGreaterThanOrEqual(50);
  }
});

async function sendDatagrams(address: string, count: number): Promise<void> {
  const socket = createSocket('udp4');
  // Nobody listens there: the refusal that comes back is traffic too.
  socket.on('error', () => undefined);
  for (let i = 0; i < count; i += 1) {
    const { promise, resolve } = Promise.withResolvers<void>();
    socket.send(Buffer.alloc(200), 9, address, () => resolve());
    await promise;
  }
  socket.close();
}

test('ends with what it has sent, and 0, on SIGTERM', async () => {
  expect(await agent.stop()).toBe(0);
  const [beat] = await influx.query(`from(bucket: "${influx.bucket}") |> range(start: -1h)
    |> filter(fn: (r) => r._measurement == "podgauge" and r._field == "sequence")
    |> group() |> reduce(identity: {count: 0, max: 0}, fn: (r, accumulator) => ({count: accumulator.count + 1, max: if r._value > accumulator.max then r._value else accumulator.max}))`);
  expect(beat?.['count']).toBe(beat?.['max']);
  expect(agent.log.filter(({ level }) => level !== 'info')).toEqual([]);
});
