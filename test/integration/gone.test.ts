/** Gone means gone: nothing is written of a pod that ended, and nothing is kept for it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApiServer } from '../servers/api-server.ts';
import type { ApiServer } from '../servers/api-server.ts';
import { startAgent } from '../support/agent-process.ts';
import type { AgentProcess } from '../support/agent-process.ts';
import { runBoundPods } from '../support/bound-pods.ts';
import type { BoundPod, BoundPodSpec } from '../support/bound-pods.ts';
import { cgroupHost } from '../support/cgroup-host.ts';
import type { CgroupHost } from '../support/cgroup-host.ts';
import { growthsOf, heapAfterCollection, inspected } from '../support/heap.ts';
import { followPoints, seriesIn } from '../support/line-protocol.ts';
import type { Cycle, PointFile } from '../support/line-protocol.ts';
import {
  directoryInodes,
  hotFilesOfContainer,
  hotFilesOfPod,
  kernelFiles,
  openAtRest,
  openFiles,
  watchedInodes,
} from '../support/open-files.ts';
import { expectMarks } from '../support/log-marks.ts';
import { startNetwork } from '../support/network.ts';
import type { Network } from '../support/network.ts';
import { podNetworks } from '../support/pod-network.ts';

const node = 'node-of-the-gone';
const prefix = 'podgauge-gone';
const idle = ['/bin/sleep', '3600'];
/** Fates of the 200 pods. The agent cannot tell by the cgroup that a pod is gone where that stays; each fate has two processes. */
const fates = { deleted: 25, deletedWithCgroups: 25, cut: 25, cutWithCgroups: 25, cgroupsOnly: 5, stays: 95 } as const;
type Fate = keyof typeof fates;
const processesOfFate = 2;

const parts = new AsyncDisposableStack();
let server: ApiServer;
let host: CgroupHost;
let network: Network;
let agent: AgentProcess;
let written: PointFile;
const pods = new Map<Fate, readonly BoundPod[]>();
/** For a pod of each batch. */
let spare: string | undefined;

beforeAll(async () => {
  const user = { name: 'agent', token: 'token-of-the-agent' };
  server = parts.use(await startApiServer({ users: [user] }));
  network = parts.use(await startNetwork(Number(new URL(server.url).port)));
  await server.api.createNode(node);
  await server.api.allowReading(user.name);
  const fateNames = Object.keys(fates).filter(isFate);
  const { networks } = parts.use(podNetworks({ name: 'pggone', count: fateNames.length * processesOfFate + 1, network: 214 }));
  spare = networks.at(-1)?.netns;
  host = parts.use(cgroupHost({ prefix }));
  for (const [i, fate] of fateNames.entries()) {
    const specs = Array.from({ length: fates[fate] }, (_, n) => {
      const netns = n < processesOfFate ? networks[i * processesOfFate + n]?.netns : undefined;
      return podSpec(`${fate.toLowerCase()}-${n}`, netns);
    });
    pods.set(fate, await runBoundPods(server.api, host, specs));
  }

  const folder = await mkdtemp(join(tmpdir(), 'podgauge-gone-'));
  parts.defer(() => rm(folder, { recursive: true }));
  const kubeconfig = server.kubeconfig(user).replace(server.url, `https://127.0.0.1:${network.port}`);
  await writeFile(join(folder, 'kubeconfig'), kubeconfig);
  agent = parts.use(
    await startAgent({
      args: [
        ...['--kubeconfig', join(folder, 'kubeconfig'), '--node-name', node, '--period', '1s'],
        ...['--collectors', 'cpu,memory,pressure,pids,io,hugetlb,network,sockets,state'],
        ...['--output', `file:${join(folder, 'points')}`],
      ],
      under: inspected,
    }),
  );
  written = followPoints(join(folder, 'points'));
  await written.where((beat) => beat['pods'] === 200 && beat['rate_bases'] === 600);
}, 1_800_000);

afterAll(() => parts.disposeAsync());

function isFate(name: string): name is Fate {
  return name in fates;
}

function podSpec(name: string, netns: string | undefined, labels: Readonly<Record<string, string>> = {}): BoundPodSpec {
  const main = netns === undefined ? { name: 'main' } : { name: 'main', command: idle };
  return { name, node, metadata: { labels }, ...(netns !== undefined && { netns }), containers: [main, { name: 'side' }] };
}

function podsOf(...wanted: readonly Fate[]): BoundPod[] {
  return wanted.flatMap((fate) => pods.get(fate) ?? []);
}

/** All series that these pods have. */
function seriesOf(left: readonly BoundPod[]): string[] {
  return left
    .flatMap(({ object: { metadata }, real }) => [
      `k8s_pod ${metadata.name} `,
      ...real.containers.map(({ name }) => `k8s_container ${metadata.name} ${name}`),
      ...(real.containers.some(({ process }) => process !== undefined) ? [`k8s_pod_network ${metadata.name} eth0`] : []),
    ])
    .toSorted();
}

test('writes no point of pods that are deleted while it watches, whether or not their cgroups stay', async () => {
  await server.api.deletePods(podsOf('deleted', 'deletedWithCgroups').map(({ object }) => object));
  await removeCgroups('deletedWithCgroups');
  const left = podsOf('cut', 'cutWithCgroups', 'cgroupsOnly', 'stays');
  expectOnlySeriesOf(left, await written.where(({ pods: count }) => count === 150));
  await expectAllSeriesOf(left);
});

function expectOnlySeriesOf(left: readonly BoundPod[], cycle: Cycle): void {
  const known = new Set(seriesOf(left));
  expect(seriesIn(cycle).filter((series) => !known.has(series))).toEqual([]);
}

/** A cycle may leave out pods when the machine is slow, and make up for it in a later one. */
async function expectAllSeriesOf(left: readonly BoundPod[]): Promise<void> {
  const series = seriesOf(left);
  let cycle = await written.next();
  while (seriesIn(cycle).length !== series.length) cycle = await written.next();
  expect(seriesIn(cycle)).toEqual(series);
}

async function removeCgroups(fate: Fate): Promise<void> {
  await Promise.all(podsOf(fate).map(({ real }) => host.removePod(real)));
}

test('writes no point of pods that were deleted while it was cut off, from the period on in which it sees the server', async () => {
  network.cut();
  await server.api.deletePods(podsOf('cut', 'cutWithCgroups').map(({ object }) => object));
  await removeCgroups('cutWithCgroups');
  await server.forgetHistory();
  const blind = await written.where(({ pods: count }) => count === 125);
  await expectAllSeriesOf(podsOf('cut', 'cgroupsOnly', 'stays'));

  await written.rest();
  network.mend();
  const cycles = [await written.next()];
  const lastSeen = () => cycles.at(-1)?.beat ?? {};
  while (lastSeen()['pods'] !== 100) cycles.push(await written.next());
  for (let i = 0; i < 3; i += 1) cycles.push(await written.next());
  // The list follows the server's first answer without a wait (reflector.test.ts). It has seen the server when it has read the list: what
  // it asks for then is the watch that lasts.
  const sees = cycles.findIndex(({ beat }) => beat['watch_starts'] === lastSeen()['watch_starts']);
  expect(lastSeen()['watch_lists']).toBe((blind.beat['watch_lists'] ?? 0) + 1);
  const left = podsOf('cgroupsOnly', 'stays');
  for (const cycle of cycles.slice(sees + 1)) expectOnlySeriesOf(left, cycle);
  await expectAllSeriesOf(left);
});

test('writes no point of a pod whose cgroups went while its object stays', async () => {
  await removeCgroups('cgroupsOnly');
  expectOnlySeriesOf(podsOf('stays'), await written.where(({ pods: count }) => count === 95));
  await expectAllSeriesOf(podsOf('stays'));
});

test('keeps nothing but what is left', expectOnlyWhatIsLeft);

/** 95 pods of three cgroups each; two of them have a process, whose directory is kept open too. */
async function expectOnlyWhatIsLeft(): Promise<void> {
  const left = podsOf('stays');
  const { beat } = await written.where(({ points }) => points === seriesOf(left).length);
  expect(beat).toMatchObject({
    pods: left.length,
    containers: left.length * 2,
    descriptors: left.flatMap(filesOf).length,
    rate_bases: left.length * 3,
    objects_malformed: 0,
    lines_malformed: 0,
    files_denied: 0,
  });
  expectMarks(beat, agent, 0);
  const files = left.flatMap(filesOf).toSorted();
  await expectInTheEnd(() => kernelFiles(agent.pid), files);

  const tree = '/sys/fs/cgroup/memory';
  const cgroups = [
    '',
    '/kubepods',
    '/kubepods/besteffort',
    ...podsOf('deleted', 'cut', 'stays').map(({ real }) => under(real.path)),
  ];
  const inodes = cgroups.map((path) => statSync(`${tree}/${prefix}${path}`).ino).toSorted();
  const ownWatches = () => {
    const foreign = new Set(directoryInodes(tree, `${tree}/${prefix}`));
    return [...watchedInodes(agent.pid)].filter((inode) => !foreign.has(inode)).toSorted();
  };
  await expectInTheEnd(ownWatches, inodes);
}

function under(path: string): string {
  return path.slice(`/${prefix}`.length);
}

function filesOf({ real }: BoundPod): string[] {
  const processes = real.containers.flatMap(({ process }) => (process === undefined ? [] : [`/proc/${process.pid}`]));
  return [...hotFilesOfPod(real.path), ...real.containers.flatMap(({ path }) => hotFilesOfContainer(path)), ...processes];
}

/** A file that is open only while it is read, or a connection that ends, may be in the way of a single look. */
async function expectInTheEnd<Item>(look: () => readonly Item[], expected: readonly Item[]): Promise<void> {
  await expect.poll(look).toEqual(expected);
}

const batch = 250;

test('has given back all memory and descriptors after 5,000 more pods came and went', async () => {
  // The first ones leave compiled code and grown buffers behind.
  for (let i = 0; i < 6; i += 1) await comeAndGo(`warm-${i}`, i);
  const files = await openAtRest(agent.pid);
  const growths = await growthsOf(heapAtRest, 20, (nth) => comeAndGo(`cold-${nth}`, nth));
  console.log(`the heap grew by ${growths.join(', ')} bytes`);
  // 50 bytes a pod: whatever is kept for a pod is more than that, if it were but an entry of a map.
  expect(Math.min(...growths)).toBeLessThan(20 * batch * 50);
  await expectInTheEnd(() => openFiles(agent.pid), files);
  await expectOnlyWhatIsLeft();
  expect(agent.complaints.filter(({ kind }) => kind !== undefined)).toEqual([]);
}, 900_000);

/** A batch of pods with more cgroups than descriptors are left for, one of them with a network; the objects go first, or the cgroups. */
async function comeAndGo(name: string, nth: number): Promise<void> {
  const specs = Array.from({ length: batch }, (_, i) => podSpec(`${name}-${i}`, i === 0 ? spare : undefined, { batch: name }));
  const came = await runBoundPods(server.api, host, specs);
  let cycle = await written.where((beat) => beat['pods'] === 95 + batch && beat['containers'] === 2 * (95 + batch));
  while (!seriesIn(cycle).includes(`k8s_pod_network ${name}-0 eth0`)) cycle = await written.next();
  const steps = [
    () =>
      server.api.request('DELETE', `/api/v1/namespaces/default/pods?labelSelector=batch%3D${name}`, { gracePeriodSeconds: 0 }),
    () => Promise.all(came.map(({ real }) => host.removePod(real))),
  ];
  for (const step of nth % 2 === 0 ? steps : steps.toReversed()) await step();
  await written.where(({ pods: count }) => count === 95);
}

/** What the last batch left behind for a cycle, such as the targets of before, goes with the next ones. */
async function heapAtRest(): Promise<number> {
  for (let i = 0; i < 3; i += 1) await written.next();
  return (await heapAfterCollection(agent)).used;
}
