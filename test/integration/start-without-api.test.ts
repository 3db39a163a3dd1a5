/**
 * A start while the API server is away, and after a kill at any moment: points of the pods that were known flow at once, those of
 * others come later under their own times, and nothing that is written is false. Each container has a memory limit of its own,
 * by which its points show what they were read of.
 */
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApiServer } from '../servers/api-server.ts';
import type { ApiServer } from '../servers/api-server.ts';
import { createScratchFolder } from '../servers/service.ts';
import { renewContainer, runBoundPods } from '../support/bound-pods.ts';
import type { BoundPod } from '../support/bound-pods.ts';
import { cgroupHost } from '../support/cgroup-host.ts';
import type { CgroupHost } from '../support/cgroup-host.ts';
import { startFileRun } from '../support/file-run.ts';
import type { FileRun } from '../support/file-run.ts';
import { knownNames, seriesBetween, startLongHold } from '../support/long-hold.ts';
import type { LongHold } from '../support/long-hold.ts';
import { fuse, muteDisk } from '../support/mute-disk.ts';
import { startNetwork } from '../support/network.ts';
import type { Network } from '../support/network.ts';
import { cgroupRootOf } from '../support/own-cgroups.ts';
import { savedNames } from '../support/saved-names.ts';
import { beatsIn, lastBeat, missed, seriesNow, seriesOf, seriesOfPods, timesOf, withoutRate } from '../support/start-points.ts';
import { until } from '../support/until.ts';
import type { Point } from '../unit/write/parse-line.ts';

const node = 'node-of-the-start';
const prefix = 'podgauge-start';
const mebibyte = 2 ** 20;

const parts = new AsyncDisposableStack();
const pods = new Map<string, BoundPod>();
/** Memory limit → the pod and the container that has it, and no other ever had. */
const ownerByLimit = new Map<number, string>();
let server: ApiServer;
let network: Network;
let host: CgroupHost;
let hold: LongHold;
let folder: string;
let cgroupRoot: string;
let runs = 0;

beforeAll(async () => {
  const user = { name: 'agent', token: 'token-of-the-agent' };
  server = parts.use(await startApiServer({ users: [user] }));
  network = parts.use(await startNetwork(Number(new URL(server.url).port)));
  await server.api.createNode(node);
  await server.api.allowReading(user.name);
  hold = parts.use(await startLongHold(server, user));
  host = parts.use(cgroupHost({ prefix }));
  folder = parts.use(await createScratchFolder('start')).path;
  cgroupRoot = cgroupRootOf(prefix, folder);
  await mkdir(join(folder, 'state'));
  const kubeconfig = server.kubeconfig(user).replace(server.url, `https://127.0.0.1:${network.port}`);
  await writeFile(join(folder, 'kubeconfig'), kubeconfig);
  await make('a', 'b', 'c', 'd', 'e');
}, 1_800_000);

afterAll(() => parts.disposeAsync());

async function make(...names: readonly string[]): Promise<void> {
  const specs = names.map((name) => ({
    name,
    node,
    metadata: { labels: { team: `team-${name}` } },
    containers: ['main', 'side'].map((container) => {
      const mebibytes = 16 + ownerByLimit.size;
      ownerByLimit.set(mebibytes * mebibyte, `${name} ${container}`);
      return { name: container, memoryLimit: mebibytes * mebibyte };
    }),
  }));
  for (const pod of await runBoundPods(server.api, host, specs)) pods.set(pod.object.metadata.name, pod);
}

function podOf(name: string): BoundPod {
  const pod = pods.get(name);
  if (pod === undefined) throw new Error(`No pod ${name}`);
  return pod;
}

function startRun(stateDir = join(folder, 'state')): Promise<FileRun> {
  runs += 1;
  return startFileRun(join(folder, `points-${runs}`), [
    ...['--kubeconfig', join(folder, 'kubeconfig'), '--node-name', node, '--period', '500ms', '--cgroup-root', cgroupRoot],
    ...['--collectors', 'cpu,memory,pids,state', '--pod-labels', 'team', '--state-dir', stateDir],
  ]);
}

/** 30 s is what is promised. */
async function flows(run: FileRun, ...names: readonly string[]): Promise<void> {
  const wanted = seriesOfPods(...names);
  const describe = () => JSON.stringify(run.agent.log.slice(-5));
  const isThere = async () => {
    const now = seriesNow(await run.points());
    return wanted.every((series) => now.has(series));
  };
  await until(`points of ${names.join()}`, isThere, { seconds: 30, describe });
}

/** Every point of a pod has all the tags that are its own, and none of another's. */
function expectTrue(points: readonly Point[], ...names: readonly string[]): void {
  const ofPods = points.filter(({ measurement }) => /^k8s_(?:pod|container)/.test(measurement));
  for (const { tags } of ofPods) {
    const name = tags['pod'] ?? '';
    expect(names).toContain(name);
    expect(tags).toMatchObject({ cluster: 'default', node, namespace: 'default', workload_kind: 'Pod', workload: name });
    expect(tags).toMatchObject({ qos: 'BestEffort', team: `team-${name}` });
  }
  const limited = ofPods.filter(({ measurement, fields }) => measurement === 'k8s_container' && 'memory_limit_bytes' in fields);
  for (const { tags, fields } of limited) {
    const owner = ownerByLimit.get(Number(fields['memory_limit_bytes']));
    expect(owner).toBe(`${tags['pod']} ${tags['container']}`);
  }
}

test('killed 20 times: points of all pods flow again within 30 s, and the file is whole each time', async () => {
  for (let round = 0; round < 20; round += 1) {
    await using run = await startRun();
    // Some are killed in their start, some after it, some while they write the file.
    if (round % 3 !== 0) await flows(run, 'a', 'b', 'c', 'd', 'e');
    await setTimeout((round % 7) * 150);
    await run.kill();
    expectTrue(await run.points(), 'a', 'b', 'c', 'd', 'e');
    expect(['', 'a,b,c,d,e']).toContain(await savedNames(join(folder, 'state')));
  }
  await using _run = await startRun();
  await until('the file with all pods', async () => (await savedNames(join(folder, 'state'))) === 'a,b,c,d,e');
}, 900_000);

test('away at the start: the known flow, the others are written later as of their times, the deleted never', async () => {
  network.cut();
  // With its cgroups, and without them as from a kubelet that is cut off too.
  await server.api.deletePod(podOf('a').object);
  await host.removePod(podOf('a').real);
  await server.api.deletePod(podOf('b').object);
  await make('new-1', 'new-2', 'brief');
  await server.api.deletePod(podOf('brief').object);
  await renewContainer(server.api, host, podOf('c'), 'main');

  for (let round = 0; round < 5; round += 1) {
    await using killed = await startRun();
    await flows(killed, 'b', 'd', 'e');
    await killed.kill();
    expectTrue(await killed.points(), 'b', 'c', 'd', 'e');
  }

  await using run = await startRun();
  await flows(run, 'b', 'd', 'e');
  await until('points that are held of 20 cycles', async () => Number(lastBeat(await run.points())['points_held']) >= 20 * 10);
  const away = await run.points();
  expectTrue(away, 'b', 'c', 'd', 'e');
  expect(new Set(away.map(seriesOf)).has('k8s_container c main')).toBe(false);
  expect(away.filter(({ measurement }) => measurement.endsWith('_info'))).toEqual([]);
  expect(lastBeat(away)).toMatchObject({ pods: 4n, containers: 7n, points_unnamed: 0n, watch_age_seconds: expect.any(BigInt) });

  network.mend();
  await flows(run, 'c', 'd', 'e', 'new-1', 'new-2');
  const named = seriesOfPods('c', 'd', 'e', 'new-1', 'new-2');
  await until('nothing to be held but of the pod that nobody names', async () => {
    const points = await run.points();
    return lastBeat(points)['pods'] === 5n && named.every((series) => missed(points, timesOf(points, series)).length === 0);
  });
  await run.kill();
  const all = await run.points();
  expectTrue(all, 'b', 'c', 'd', 'e', 'new-1', 'new-2');
  for (const series of named) {
    const times = timesOf(all, series);
    expect(new Set(times).size).toBe(times.length);
    expect(missed(all, times)).toEqual([]);
  }
  // From the list on there is no pod but those in it.
  const listedAt = beatsIn(all).findIndex(({ fields }) => fields['pods'] === 5n);
  const last = timesOf(all, 'k8s_pod b').at(-1) ?? 0n;
  expect(last).toBeLessThan(beatsIn(all)[listedAt]?.time ?? 0n);
  expect(Number(lastBeat(all)['points_held'])).toBeGreaterThan(0);
  // The cycle in which it got its name has a rate too.
  for (const series of seriesOfPods('new-1', 'new-2', 'c')) expect(withoutRate(all, series)).toEqual([]);
}, 900_000);

test('without a file all are held, and written as of their times when they are named', async () => {
  network.cut();
  await using run = await startRun(join(folder, 'none'));
  await until('points that are held', async () => Number(lastBeat(await run.points())['points_held']) > 30);
  expect((await run.points()).filter(({ measurement }) => measurement.startsWith('k8s_'))).toEqual([]);
  network.mend();
  await flows(run, 'c', 'd', 'e', 'new-1', 'new-2');
  const missedOf = (points: readonly Point[]) =>
    seriesOfPods('c', 'd', 'e').flatMap((series) => missed(points, timesOf(points, series)));
  await until('all that was held', async () => missedOf(await run.points()).length === 0);
  // Its directory is not there.
  const complaints = () => run.agent.log.filter(({ msg }) => msg.startsWith('Cannot keep the pods'));
  await until('a line about the file', () => complaints().length > 0);
  await run.kill();
  const points = await run.points();
  expectTrue(points, 'c', 'd', 'e', 'new-1', 'new-2');
  expect(missedOf(points)).toEqual([]);
  expect(complaints()).toHaveLength(1);
});

test.skipIf(!existsSync(fuse))(
  'a disk that does not answer holds up neither the start, nor the cycles, nor the end',
  async () => {
    const directory = join(folder, 'mute');
    await mkdir(directory);
    await using _disk = await muteDisk(directory);
    const run = await startRun(directory);
    await flows(run, 'c', 'd', 'e', 'new-1', 'new-2');
    const said = run.agent.log.map(({ msg }) => msg);
    expect(said).toContainEqual(expect.stringContaining('Cannot use the pods of the last run'));
    await run.agent.stop();
    expect(run.agent.log.map(({ msg }) => msg)).toContain('podgauge has stopped');
  },
);

test('away for longer than it holds: what nobody names in time is counted out and never written, and nothing else is lost', async () => {
  const givenUp = () => hold.agent.log.filter(({ msg }) => msg.startsWith('Points are given up'));
  await until('points to be given up', () => givenUp().length > 0, {
    seconds: 180,
    describe: () => JSON.stringify(hold.agent.log.slice(-5)),
  });
  await until('some more of them', async () => Number((await hold.beats()).at(-1)?.['points_unnamed']) >= 15);
  const beats = await hold.beats();
  const [ofPods, ofContainers] = [await hold.seriesByTime('k8s_pod'), await hold.seriesByTime('k8s_container')];
  expect(beats.at(-1)).toMatchObject({ points_dropped: 0, points_rejected: 0 });
  expect(beats.map(({ sequence }) => sequence)).toEqual(beats.map((_, i) => Number(beats[0]?.['sequence']) + i));
  // Two minutes of three points a second.
  expect(Number(beats.at(-1)?.['points_held'])).toBeLessThan(3 * 130);
  for (const [i, beat] of beats.entries()) {
    const [sequence = 0, held = 0, unnamed = 0, late = 0] = ['sequence', 'points_held', 'points_unnamed', 'pods_late'].map(
      (name) => Number(beat[name]),
    );
    const uncounted = 3 * sequence - held - unnamed;
    expect(uncounted).toBeGreaterThanOrEqual(0);
    expect(uncounted).toBeLessThanOrEqual(3 * late);
    const next = beats[i + 1];
    if (next === undefined || late > Number(beats[i - 1]?.['pods_late'] ?? 0)) continue;
    expect(seriesBetween(ofPods, beat, next)).toBe(knownNames.length);
    expect(seriesBetween(ofContainers, beat, next)).toBe(2 * knownNames.length);
  }
  expect(await hold.valuesOf('pod')).toEqual(knownNames);
  expect(await hold.valuesOf('container')).toEqual(['main', 'side']);
  expect(givenUp()).toHaveLength(1);
});
