import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Row } from '../servers/influxdb.ts';
import { createScratchFolder } from '../servers/service.ts';
import { startAgent } from '../support/agent-process.ts';
import type { AgentProcess } from '../support/agent-process.ts';
import { runBoundPods } from '../support/bound-pods.ts';
import type { BoundPod } from '../support/bound-pods.ts';
import { counterNames, readCounters } from '../support/cgroup-counters.ts';
import { cgroupHost } from '../support/cgroup-host.ts';
import type { CgroupHost } from '../support/cgroup-host.ts';
import { sendDatagrams } from '../support/datagrams.ts';
import { peerCounters, podNetworks } from '../support/pod-network.ts';
import type { InterfaceCounters, PodNetworks } from '../support/pod-network.ts';
import { openRemotes } from '../support/remotes.ts';
import type { Remotes } from '../support/remotes.ts';
import { until } from '../support/until.ts';
import { writtenPoints } from '../support/written-points.ts';
import type { WrittenPoints } from '../support/written-points.ts';

const node = 'node-of-the-whole-way';
const podCount = 20;
const busy = ['/bin/sh', '-c', 'while :; do :; done'];
const idle = ['/bin/sleep', '3600'];
/** Holds 20 MB of anonymous memory and waits: `tail` keeps what may be the end. */
const filled = ['/bin/sh', '-c', '{ head -c 20000000 /dev/zero; exec sleep 3600; } | tail -c 20000000'];
const [half, little] = [0.5, 0.03].map((cores) => ({ command: busy, cores }));
const mains = [little, { command: filled }, { command: idle }, { command: filled }];

const parts = new AsyncDisposableStack();
let influx: Remotes['influx'];
let points: WrittenPoints;
let host: CgroupHost;
let networks: PodNetworks;
let pods: BoundPod[];
let agent: AgentProcess;

beforeAll(async () => {
  const remotes = parts.use(await openRemotes());
  influx = remotes.influx;
  points = writtenPoints(influx);
  await remotes.api.createNode(node);
  networks = parts.use(podNetworks({ name: 'pgway', count: podCount }));
  host = parts.use(cgroupHost({ prefix: 'podgauge-whole-way' }));
  pods = await runBoundPods(remotes.api, host, podSpecs());

  const { path: folder } = parts.use(await createScratchFolder('whole-way'));
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
  await seen(async () => (await points.last('k8s_container')).length === podCount * 2);
}, 1_800_000);

afterAll(() => parts.disposeAsync());

/** The first pod's first container has half a core, some others a little of one, and use it; the rest are idle, or hold memory. */
function podSpecs(): Parameters<typeof runBoundPods>[2] {
  return networks.networks.map(({ netns }, i) => ({
    name: `web-${i}`,
    node,
    netns,
    metadata: { ownerReferences: [{ apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'web', uid: 'u', controller: true }] },
    containers: [
      { name: 'main', ...(i === 0 ? half : mains[i % mains.length]) },
      { name: 'side', command: idle, memoryLimit: 64 * 1024 * 1024, ...(i % 8 === 2 && little) },
    ],
  }));
}

async function seen(condition: () => Promise<boolean>): Promise<void> {
  await until('what the test waits for', condition, { describe: () => JSON.stringify(agent.log.slice(-20), null, 1) });
}

test('knows which kind of cgroups the host has', () => {
  const kinds = host.version === 2 ? ['v2'] : ['v1', 'hybrid'];
  expect(kinds).toContain(agent.log.find(({ cgroups }) => cgroups !== undefined)?.['cgroups']);
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
  const containers = await points.last('k8s_container');
  const names = containers.map((row) => `${String(row['pod'])}/${String(row['container'])}`).toSorted();
  expect(names).toEqual(
    pods.flatMap(({ object: { metadata } }) => [`${metadata.name}/main`, `${metadata.name}/side`]).toSorted(),
  );
  const own = await points.last('k8s_pod');
  expect(own.map((row) => row['pod']).toSorted()).toEqual(pods.map(({ object }) => object.metadata.name).toSorted());
  for (const row of [...containers, ...own]) expect(row).toMatchObject(tags);
});

test('writes what lies between two readings of the kernel', async () => {
  const cgroups = pods.flatMap(({ object, real }) => [
    { series: `k8s_pod ${object.metadata.name}`, path: real.path },
    ...real.containers.map(({ name, path }) => ({ series: `k8s_container ${object.metadata.name} ${name}`, path })),
  ]);
  const read = () => cgroups.map(({ path }) => readCounters(host, path));
  const before = read();
  const from = new Date();
  let after = before;
  // Of those that are busy it shall be no standing number: a busy machine may let one of them wait for seconds.
  const busyOnes = busySeries();
  const standing = () =>
    cgroups.filter(({ series }, i) => busyOnes.includes(series) && before[i]?.[usage] === after[i]?.[usage]);
  const rows = new Map<string, Row>();
  await seen(async () => {
    for (const measurement of ['k8s_pod', 'k8s_container']) {
      for (const row of await points.since(from, measurement)) {
        // A file that was slow to read rests for some cycles.
        if (counterNames.every((field) => typeof row[field] === 'number')) rows.set(seriesOf(measurement, row), row);
      }
    }
    after = read();
    return rows.size === cgroups.length && standing().length === 0;
  });
  for (const [i, { series }] of cgroups.entries()) {
    const row = rows.get(series);
    for (const field of counterNames) {
      const [one = Number.NaN, other = Number.NaN] = [before[i]?.[field], after[i]?.[field]];
      expectWithin(row?.[field], Math.min(one, other), Math.max(one, other));
    }
  }
});

const usage = 'cpu_usage_core_nanoseconds';

/** Of the containers that use what they may. */
function busySeries(): string[] {
  return pods.flatMap(({ object, real }) =>
    real.containers.flatMap(({ name, cores }) =>
      cores === undefined ? [] : [`k8s_container ${object.metadata.name} ${name}`],
    ),
  );
}

function seriesOf(measurement: string, row: Row): string {
  return [measurement, row['pod'], row['container']].filter((part) => part !== undefined).join(' ');
}

function expectWithin(value: unknown, low: number, high: number): void {
  expect(value).toBeGreaterThanOrEqual(low);
  expect(value).toBeLessThanOrEqual(high);
}

test('writes the limits, and none where there is none', async () => {
  const rows = await points.last('k8s_container', 'r.pod == "web-1"');
  const side = rows.find((row) => row['container'] === 'side');
  expect(side).toMatchObject({ memory_limit_bytes: 64 * 1024 * 1024 });
  expect(rows.find((row) => row['container'] === 'main')).not.toHaveProperty('memory_limit_bytes');
});

test('says half a core of a process that is held at half a core', async () => {
  let mean = Number.NaN;
  await seen(async () => {
    const { cores, result } = await coresMeanwhile(meanOfTenRates);
    mean = result;
    // On a starved machine it may get less than it may have.
    return Math.abs(cores - 0.5) < 0.025;
  });
  expectWithin(mean, 0.45e9, 0.55e9);
});

/** Of the first pod's first container, over ten cycles in a row: each rate for as long as it is of. */
async function meanOfTenRates(): Promise<number> {
  const from = new Date();
  let rates: { readonly at: number; readonly nanocores: number }[] = [];
  await seen(async () => {
    const rows = await points.since(from, 'k8s_container', 'r.pod == "web-0" and r.container == "main"');
    rates = rows.flatMap(({ _time: time, cpu_usage_nanocores: nanocores }) =>
      typeof nanocores === 'number' ? [{ at: Date.parse(String(time)), nanocores }] : [],
    );
    return rates.length >= 11;
  });
  const spans = rates.slice(1).map(({ at, nanocores }, i) => ({ ms: at - (rates[i]?.at ?? NaN), nanocores }));
  const sum = spans.reduce((total, { ms, nanocores }) => total + ms * nanocores, 0);
  return sum / spans.reduce((total, { ms }) => total + ms, 0);
}

/** What the kernel itself says that container had while something was done. */
async function coresMeanwhile<T>(action: () => Promise<T>): Promise<{ readonly cores: number; readonly result: T }> {
  const path = pods[0]?.real.containers[0]?.path ?? '';
  const used = () => readCounters(host, path).cpu_usage_core_nanoseconds;
  const [usedBefore, before] = [used(), performance.now()];
  const result = await action();
  return { cores: (used() - usedBefore) / ((performance.now() - before) * 1e6), result };
}

test('counts what the other end of the pair counts', async () => {
  for (const { podAddress } of networks.networks) await sendDatagrams(podAddress, 50);
  const still = new Map<string, { readonly row: Row; readonly peer: InterfaceCounters }>();
  await seen(async () => {
    const before = networks.networks.map(({ peer }) => peerCounters(peer));
    const rows = await nextNetworkRows();
    for (const [i, { peer }] of networks.networks.entries()) {
      const after = peerCounters(peer);
      // The two ends ask for each other's address when they like.
      if (!isDeepStrictEqual(before[i], after)) continue;
      const row = rows.find(({ pod }) => pod === `web-${i}`);
      if (row !== undefined) still.set(`web-${i}`, { row, peer: after });
    }
    return still.size === podCount;
  });
  for (const { row, peer } of still.values()) {
    expect(row).toMatchObject({
      interface: 'eth0',
      is_default: true,
      rx_bytes: Number(peer.txBytes),
      rx_packets: Number(peer.txPackets),
      tx_bytes: Number(peer.rxBytes),
      tx_packets: Number(peer.rxPackets),
    });
    expect(row['rx_packets']).toBeGreaterThanOrEqual(50);
  }
});

/** Of a cycle that begins after the call. */
async function nextNetworkRows(): Promise<Row[]> {
  const from = new Date();
  let rows: Row[] = [];
  await seen(async () => {
    rows = await points.since(from, 'k8s_pod_network');
    return rows.length >= podCount;
  });
  return rows;
}

test('ends with what it has sent, and 0, on SIGTERM', async () => {
  expect(await agent.stop()).toBe(0);
  const [beat] = await influx.query(`from(bucket: "${influx.bucket}") |> range(start: -1h)
    |> filter(fn: (r) => r._measurement == "podgauge" and r._field == "sequence")
    |> group() |> reduce(identity: {count: 0, max: 0}, fn: (r, accumulator) => ({count: accumulator.count + 1, max: if r._value > accumulator.max then r._value else accumulator.max}))`);
  expect(beat?.['count']).toBe(beat?.['max']);
  expect(agent.complaints).toEqual([]);
});
