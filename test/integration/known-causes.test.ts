/**
 * What the numbers say of causes that are known: a loop under a quota, a file that is read, datagrams that are sent. The kernel's
 * own counters, read by the test, are the measure. On cgroup v2 the same runs in test/kernel.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createScratchFolder } from '../servers/service.ts';
import { startAgent } from '../support/agent-process.ts';
import { cgroupHost } from '../support/cgroup-host.ts';
import type { CgroupHost, RealPod } from '../support/cgroup-host.ts';
import { sendDatagrams } from '../support/datagrams.ts';
import { followPoints } from '../support/line-protocol.ts';
import type { PointFile } from '../support/line-protocol.ts';
import { isOwnKernel, makeFileSystem } from '../support/own-disks.ts';
import { peerCounters, podNetworks } from '../support/pod-network.ts';
import type { InterfaceCounters, PodNetwork } from '../support/pod-network.ts';
import { until } from '../support/until.ts';
import type { Point } from '../unit/write/parse-line.ts';

const prefix = 'podgauge-known-causes';
const uid = '9c44b0de-2a3f-4f0c-9a55-0d1f6f2c7b21';
const ids = { loop: 'a'.repeat(64), reader: 'b'.repeat(64) } as const;
const megabyte = 1024 * 1024;
const fileMegabytes = 64;
const quotaCores = 0.2;

const parts = new AsyncDisposableStack();
let folder: string;
/** Where the file is. */
let disk: string;
let host: CgroupHost;
let pod: RealPod;
let network: PodNetwork;
let written: PointFile;

beforeAll(async () => {
  ({ path: folder } = parts.use(await createScratchFolder('known-causes')));
  const { networks } = parts.use(podNetworks({ name: 'pgwhy', count: 1, network: 215 }));
  const [first] = networks;
  if (first === undefined) throw new Error('No network');
  network = first;
  disk = folder;
  if (isOwnKernel()) makeFileSystem((disk = '/run/known-causes-disk'));
  makeFile();
  host = parts.use(cgroupHost({ prefix }));
  pod = host.makePod({
    uid,
    qos: 'Burstable',
    netns: network.netns,
    containers: [
      { name: 'loop', id: ids.loop, command: ['/bin/sh', '-c', 'while :; do :; done'], cores: quotaCores },
      { name: 'reader', id: ids.reader, command: ['/bin/sh', '-c', readerScript()] },
    ],
  });
  const points = join(folder, 'points');
  const args = ['--source', 'cgroup', '--node-name', 'causes', '--period', '1s', '--output', `file:${points}`];
  parts.use(await startAgent({ args }));
  written = followPoints(points);
}, 120_000);

afterAll(() => parts.disposeAsync());

/** On the disk, and no longer in the cache: who reads it first is charged for it. */
function makeFile(): void {
  const file = join(disk, 'file');
  const size = ['bs=1M', `count=${fileMegabytes}`];
  execFileSync('dd', ['if=/dev/zero', `of=${file}`, ...size, 'conv=fsync'], { stdio: 'ignore' });
  execFileSync('dd', [`if=${file}`, 'iflag=nocache', 'count=0'], { stdio: 'ignore' });
}

/** Reads the file each time it is told to. */
function readerScript(): string {
  const turn = (number: number): string =>
    `while [ ! -e ${folder}/go${number} ]; do sleep 0.1; done; cat ${disk}/file > /dev/null; touch ${folder}/done${number}`;
  return `${turn(1)}; ${turn(2)}; exec sleep 3600`;
}

async function letRead(turn: 1 | 2): Promise<void> {
  writeFileSync(join(folder, `go${turn}`), '');
  await until('the file is read', () => existsSync(join(folder, `done${turn}`)));
  // What began before that may tell of half of it.
  await written.rest();
  await written.next();
}

/** Of the next cycle in which it is as wanted. */
async function nextPoint(
  measurement: string,
  tags: Readonly<Record<string, string>>,
  wanted: (point: Point) => boolean,
): Promise<Point> {
  let last: Point | undefined;
  const end = AbortSignal.timeout(40_000);
  while (last === undefined || !wanted(last)) {
    if (end.aborted)
      throw new Error(
        `Not so within 40 s: ${JSON.stringify(last, (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value))}`,
      );
    const cycle = await written.next();
    last = cycle.points().find((point) => point.measurement === measurement && isTagged(point, tags)) ?? last;
  }
  return last;
}

function isTagged({ tags }: Point, wanted: Readonly<Record<string, string>>): boolean {
  return Object.entries(wanted).every(([name, value]) => tags[name] === value);
}

interface Quota {
  readonly at: number;
  readonly nanoseconds: number;
  readonly periods: number;
  readonly throttled: number;
}

/** What the kernel counts of the loop. */
function quotaNow(): Quota {
  const path = pod.containers[0]?.path ?? '';
  const stat = host.read('cpu', path, 'cpu.stat');
  const keyed = (key: string): number =>
    Number(
      stat
        .split('\n')
        .find((line) => line.startsWith(`${key} `))
        ?.split(' ')[1],
    );
  const nanoseconds = host.version === 2 ? keyed('usage_usec') * 1000 : Number(host.read('cpuacct', path, 'cpuacct.usage'));
  return { at: performance.now(), nanoseconds, periods: keyed('nr_periods'), throttled: keyed('nr_throttled') };
}

/** Of the periods between, those in which it was throttled. */
function shareBetween(before: Quota, after: Quota): number {
  return (after.throttled - before.throttled) / (after.periods - before.periods);
}

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

test('a loop under a quota of 200 m uses 200 m, and shows the share of its periods in which it was throttled', async () => {
  const tags = { container: ids.loop };
  const isKnown = ({ fields }: Point): boolean => fields['cpu_cfs_throttled_share'] !== undefined;
  let points: Point[] = [];
  let before = quotaNow();
  let after = before;
  await until('the kernel itself gave the loop its quota', async () => {
    // What was read before the look may still be on its way.
    await written.rest();
    before = quotaNow();
    await nextPoint('k8s_container', tags, isKnown);
    points = [];
    for (let cycle = 0; cycle < 6; cycle += 1) points.push(await nextPoint('k8s_container', tags, isKnown));
    after = quotaNow();
    const cores = (after.nanoseconds - before.nanoseconds) / ((after.at - before.at) * 1e6);
    return Math.abs(cores - quotaCores) < quotaCores * 0.05 && shareBetween(before, after) > 0.9;
  });
  // The first began before the test looked.
  const [first, ...others] = points;
  // Each for as long as it is of: on a busy machine cycles are not equally long.
  const spans = others.map(({ time }, index) => Number(time - (points[index]?.time ?? time)));
  const used = others.map(({ fields }, index) => Number(fields['cpu_usage_nanocores']) * (spans[index] ?? 0));
  const mean = sumOf(used) / sumOf(spans);
  expect(Math.abs(mean - quotaCores * 1e9)).toBeLessThan(quotaCores * 1e8);
  for (const { fields } of others)
    expect(fields['cpu_usage_share_of_limit']).toBeCloseTo(Number(fields['cpu_usage_nanocores']) / (quotaCores * 1e9), 3);

  const periodsOf = (point: Point | undefined): number => Number(point?.fields['cpu_cfs_periods']);
  const throttledOf = (point: Point | undefined): number => Number(point?.fields['cpu_cfs_throttled_periods']);
  const last = others.at(-1);
  expect(periodsOf(first)).toBeGreaterThanOrEqual(before.periods);
  expect(periodsOf(last)).toBeLessThanOrEqual(after.periods);
  expect(throttledOf(last)).toBeLessThanOrEqual(after.throttled);
  for (const [index, point] of others.entries()) {
    const [periods, throttled] = [periodsOf(point) - periodsOf(points[index]), throttledOf(point) - throttledOf(points[index])];
    expect(point.fields['cpu_cfs_throttled_share']).toBeCloseTo(Math.min(1, throttled / periods), 3);
  }
  const whole = (throttledOf(last) - throttledOf(first)) / (periodsOf(last) - periodsOf(first));
  expect(whole).toBeGreaterThan(0.8);
  expect(Math.abs(whole - shareBetween(before, after))).toBeLessThan(0.1);
});

test('a file of 64 MiB that is read once is in the cache and not in the working set; read twice it is in both', async () => {
  const tags = { container: ids.reader };
  const most = BigInt(fileMegabytes * megabyte);
  const nearly = (most * 9n) / 10n;
  const field = ({ fields }: Point, name: string): bigint => BigInt(fields[`memory_${name}_bytes`]?.toString() ?? 0);
  const start = await nextPoint('k8s_container', tags, (point) => field(point, 'usage') > 0n);

  await letRead(1);
  const once = await nextPoint('k8s_container', tags, (point) => field(point, 'inactive_file') >= nearly);
  const grown = (point: Point, name: string): bigint => field(point, name) - field(start, name);
  expect(grown(once, 'cache')).toBeGreaterThanOrEqual(nearly);
  expect(grown(once, 'usage')).toBeGreaterThanOrEqual(nearly);
  expect(grown(once, 'working_set')).toBeLessThan(most / 10n);

  await letRead(2);
  const twice = await nextPoint('k8s_container', tags, (point) => field(point, 'active_file') >= nearly);
  expect(grown(twice, 'cache')).toBeGreaterThanOrEqual(nearly);
  expect(grown(twice, 'working_set')).toBeGreaterThanOrEqual(nearly);
  expect(grown(twice, 'cache')).toBeLessThan(most + most / 10n);
});

test('10,000 datagrams over a quiet veth raise the counters of the pod by what its peer counted', async () => {
  const { peer, podAddress } = network;
  const before = await whenStill(peer);
  await sendDatagrams(podAddress, 10_000);
  const after = await whenStill(peer);
  const grown = (name: string): bigint => BigInt(`${after.point.fields[name]}`) - BigInt(`${before.point.fields[name]}`);
  expect(grown('rx_packets')).toBeGreaterThanOrEqual(10_000n);
  expect({ packets: grown('rx_packets'), bytes: grown('rx_bytes') }).toEqual({
    packets: after.peer.txPackets - before.peer.txPackets,
    bytes: after.peer.txBytes - before.peer.txBytes,
  });
  expect({ packets: grown('tx_packets'), bytes: grown('tx_bytes') }).toEqual({
    packets: after.peer.rxPackets - before.peer.rxPackets,
    bytes: after.peer.rxBytes - before.peer.rxBytes,
  });
});

/** A point of a cycle in which nothing passed: the two ends ask for each other's address when they like. */
async function whenStill(peer: string): Promise<{ readonly point: Point; readonly peer: InterfaceCounters }> {
  for (;;) {
    await written.rest();
    const counters = peerCounters(peer);
    await nextPoint('k8s_pod_network', { pod: uid }, () => true);
    const point = await nextPoint('k8s_pod_network', { pod: uid }, () => true);
    if (isDeepStrictEqual(counters, peerCounters(peer))) return { point, peer: counters };
  }
}
