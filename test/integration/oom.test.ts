/** Kills for lack of memory are counted exactly, and the last numbers of what died between two cycles are kept. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startAgent } from '../support/agent-process.ts';
import type { AgentProcess } from '../support/agent-process.ts';
import { cgroupHost } from '../support/cgroup-host.ts';
import { doomedPods } from '../support/doomed-pods.ts';
import type { Death, DoomedPod, DoomedPods } from '../support/doomed-pods.ts';
import { followPoints } from '../support/line-protocol.ts';
import type { PointFile } from '../support/line-protocol.ts';
import type { Point } from '../unit/write/parse-line.ts';
import { until } from '../support/until.ts';

const node = 'node-of-the-doomed';
const host = cgroupHost({ prefix: 'podgauge-doomed' });
const isV2 = host.version === 2;
/** Pods of each kind; with ten containers each a hundred are killed. */
const podsOf: Readonly<Record<Death, number>> = { single: 6, multi: 2, group: 2 };
const deaths = ['single', 'multi', 'group'] as const;
const containersOfPod = 10;
/** What is killed later than this after its start (milliseconds) shows nothing of what is asked. */
const soon = 500;
/**
 * A kill is known to podgauge some time after it (milliseconds), on a slow machine too. A pod's cgroup goes later than its last container:
 * the kubelet has its volumes and its network to take down.
 */
const podIsTold = 3000;

const parts = new AsyncDisposableStack();
let folder: string;
let pods: DoomedPods;
let agent: AgentProcess;
let written: PointFile;
const points: Point[] = [];

beforeAll(async () => {
  parts.use(host);
  folder = await mkdtemp(join(tmpdir(), 'podgauge-doomed-'));
  parts.defer(() => rm(folder, { recursive: true }));
  pods = parts.use(await doomedPods(host, node));
  const context = { name: 'doomed', context: { cluster: 'doomed' } };
  const cluster = { name: 'doomed', cluster: { server: pods.url } };
  const kubeconfig = { 'current-context': 'doomed', contexts: [context], clusters: [cluster], users: [] };
  await writeFile(join(folder, 'kubeconfig'), JSON.stringify(kubeconfig));
  agent = parts.use(await start('points', '10s'));
  await pods.watched(1);
  written = followPoints(join(folder, 'points'));
  await written.next();
}, 300_000);

afterAll(() => parts.disposeAsync());

function start(file: string, period: string): Promise<AgentProcess> {
  return startAgent({
    args: [
      ...['--kubeconfig', join(folder, 'kubeconfig'), '--node-name', node, '--period', period],
      ...['--collectors', 'cpu,memory,pids,state', '--output', `file:${join(folder, file)}`],
    ],
  });
}

/** Of the cycles that are there, and one that begins after the call. */
async function nextPoints(): Promise<void> {
  for (const cycle of await written.rest()) points.push(...cycle.points());
  points.push(...(await written.next()).points());
}

/** What is waited for may have come after the beginning of the next cycle: then it is told in the one after that. */
async function pointsUntil(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 3; i += 1) {
    await nextPoints();
    if (condition()) return;
  }
}

function of(measurement: string, pod: string): Point[] {
  return points.filter((point) => point.measurement === measurement && point.tags['pod'] === pod);
}

/** What a counter of a pod was last, in the order of time. */
function lastOf(field: string, measurement: string, pod: string): number | undefined {
  const having = of(measurement, pod).filter(({ fields }) => fields[field] !== undefined);
  const last = having.toSorted((one, other) => Number(one.time - other.time)).at(-1)?.fields[field];
  return last === undefined ? undefined : Number(last);
}

interface Fate {
  readonly name: string;
  readonly death: Death;
  /**
   * On v2 what the kernel had counted in the pod's cgroup just before its removal. On v1 a cgroup counts only its own kills and is removed
   * with its container: there each container is one, of which the kernel had counted a kill when it ended.
   */
  readonly kills: number;
  /** How long each of its containers lived, in milliseconds. */
  readonly lived: readonly number[];
  readonly groups: number;
  readonly endedAt: number;
}

/** Resolves when its containers have died; it ends by itself later. */
async function liveAndDie(name: string, death: Death): Promise<{ readonly fate: Promise<Fate> }> {
  const pod = await pods.start(name);
  const lived: number[] = [];
  // On a slow machine one may live longer; another one is killed for it.
  while (lived.filter(isSoon).length < containersOfPod) lived.push(await pod.kill(`c${lived.length}`, death));
  return { fate: end(pod, death, lived) };
}

async function end(pod: DoomedPod, death: Death, lived: readonly number[]): Promise<Fate> {
  await setTimeout(podIsTold);
  const kills = isV2 ? pod.kernelCount('oom_kill') : lived.length;
  const groups = isV2 ? pod.kernelCount('oom_group_kill') : 0;
  return { name: pod.name, death, kills, groups, lived, endedAt: await pod.end() };
}

function isSoon(milliseconds: number): boolean {
  return milliseconds <= soon;
}

let fates: readonly Fate[];
/** Stays when one of its containers was killed. */
let survivor: DoomedPod;

// A busy machine has to kill more than a hundred until so many were quick.
test(
  'a hundred containers are killed within half a second of their start, and their pods removed',
  { timeout: 1_200_000 },
  async () => {
    const specs = deaths.flatMap((death) =>
      Array.from({ length: podsOf[death] }, (_, i) => ({ name: `${death}-${i}`, death })),
    );
    // One after the other: beside another one, none is quick on one slow processor.
    const dead: Promise<Fate>[] = [];
    for (const { name, death } of specs) dead.push((await liveAndDie(name, death)).fate);
    fates = await Promise.all(dead);
    survivor = await pods.start('survivor');
    await survivor.kill('c0', 'single');
    const sum = (death: Death): number => fates.reduce((total, fate) => total + (fate.death === death ? fate.kills : 0), 0);
    const ended = (death: Death): number =>
      fates.reduce((count, fate) => count + (fate.death === death ? fate.lived.length : 0), 0);
    console.log(describeKills(sum));
    expect(fates.flatMap(({ lived }) => lived.filter(isSoon))).toHaveLength(100);
    expect(sum('single')).toBe(ended('single'));
    if (!isV2) return;
    // More than one of a container. Whether it takes the shell too, or before its second child is there, is the kernel's choice.
    expect(sum('multi')).toBeGreaterThan(ended('multi'));
    expect(sum('group')).toBeGreaterThan(ended('group'));
    const groups = fates.map((fate) => [fate.death === 'group', fate.groups > 0]);
    expect(groups.filter(([isGroup, isCounted]) => isGroup !== isCounted)).toEqual([]);
  },
);

function describeKills(sum: (death: Death) => number): string {
  const lived = fates.flatMap((fate) => fate.lived);
  const slow = lived.filter((each) => !isSoon(each));
  const longest = Math.round(Math.max(...lived.filter(isSoon)));
  const what = isV2 ? 'as the kernel counts them in the pods' : 'containers whose own cgroup had counted a kill';
  return (
    `killed: ${deaths.map((death) => `${death} ${sum(death)}`).join(', ')} (${what}); ` +
    `${lived.length - slow.length} lived for up to ${longest} ms, ${slow.length} others longer`
  );
}

test('the kills reported of each pod are those that the kernel did', async () => {
  const isTold = ({ name, kills }: Fate): boolean => lastOf('oom_kills', 'k8s_pod_info', name) === kills;
  await pointsUntil(() => fates.every(isTold) && lastOf('oom_kills', 'k8s_pod_info', 'survivor') === 1);
  const reported = fates.map(({ name }) => [name, lastOf('oom_kills', 'k8s_pod_info', name)]);
  expect(reported).toEqual(fates.map(({ name, kills }) => [name, kills]));
});

test('the pod itself has them too on v2, and no false zero on v1', () => {
  const reported = fates.map(({ name }) => lastOf('memory_oom_kills', 'k8s_pod', name));
  expect(reported).toEqual(fates.map(({ kills }) => (isV2 ? kills : undefined)));
  if (!isV2) return;
  expect(fates.map(({ name }) => lastOf('oom_kills', 'k8s_pod', name))).toEqual(fates.map(({ kills }) => kills));
  const groups = fates.map(({ name }) => lastOf('memory_oom_group_kills', 'k8s_pod', name));
  expect(groups).toEqual(fates.map((fate) => fate.groups));
});

test('no counter of kills ever falls, and no point of a pod comes after its end', () => {
  for (const { name, endedAt } of fates) {
    const own = of('k8s_pod', name).toSorted((one, other) => Number(one.time - other.time));
    const counts = own.flatMap(({ fields }) => (fields['oom_kills'] === undefined ? [] : [Number(fields['oom_kills'])]));
    expect(counts).toEqual(counts.toSorted((one, other) => one - other));
    expect(own.map(({ time }) => Number(time) / 1e6 - endedAt).filter((late) => late > 0)).toEqual([]);
  }
});

// cgroup v1 tells of no end.
test.each(isV2 ? ['cgroup.events'] : [])(
  'by %s, of a container that ends between two cycles the last CPU time and the peak of its memory are kept',
  async () => {
    // It has to be known before it works, and podgauge looks for containers only a few times a second.
    const work = 'i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; head -c 4000000 /dev/zero | tail >/dev/null';
    const burn = `sleep ${podIsTold / 1000}; ${work}; exec sleep 3600`;
    const container = await survivor.run('worker', ['/bin/sh', '-c', burn]);
    const peakNow = (): number => Number(host.read('memory', container.path, 'memory.peak'));
    await until('it to have used its memory', () => peakNow() > 4_000_000);
    await container.end();
    // What the shell had begun may outlive it.
    await until('all of it to have ended', () => /^populated 0$/m.test(host.read('pids', container.path, 'cgroup.events')));
    // A runtime that is faster leaves nothing to be read.
    await setTimeout(podIsTold);
    const usage = Number(/^usage_usec (\d+)$/m.exec(host.read('cpu', container.path, 'cpu.stat'))?.[1]) * 1000;
    const peak = peakNow();
    await container.remove();
    await pointsUntil(() => lastOf('memory_peak_bytes', 'k8s_container', 'survivor') === peak);
    expect(lastOf('cpu_usage_core_nanoseconds', 'k8s_container', 'survivor')).toBe(usage);
    expect(lastOf('memory_peak_bytes', 'k8s_container', 'survivor')).toBe(peak);
  },
);

test('what is killed between the last cycle and the end is written at the end', async () => {
  expect(lastOf('oom_kills', 'k8s_pod_info', 'survivor')).toBe(1);
  await nextPoints();
  await survivor.kill('c1', 'single');
  // The next cycle is ten seconds away.
  await setTimeout(podIsTold);
  expect(await agent.stop()).toBe(0);
  for (const cycle of await written.rest()) points.push(...cycle.points());
  points.push(...(await written.tail()));
  expect(lastOf('oom_kills', 'k8s_pod_info', 'survivor')).toBe(2);
  expect(lastOf('memory_oom_kills', 'k8s_pod', 'survivor')).toBe(isV2 ? 2 : undefined);
});

test('what was killed before podgauge began is no new kill', async () => {
  // The API server tells whole seconds.
  await setTimeout(1100);
  agent = parts.use(await start('again', '1s'));
  await pods.watched(2);
  points.length = 0;
  written = followPoints(join(folder, 'again'));
  // Until all have their names they have no counts.
  await pointsUntil(() => lastOf('oom_kills', 'k8s_pod_info', 'survivor') !== undefined);
  // A cgroup that is still there counts on; of what is gone nothing is known on v2, and nothing is new on v1.
  expect(lastOf('oom_kills', 'k8s_pod_info', 'survivor')).toBe(isV2 ? 2 : 0);
  expect(fates.map(({ name }) => lastOf('oom_kills', 'k8s_pod_info', name))).toEqual(fates.map(() => (isV2 ? undefined : 0)));
});

test('nothing went wrong on the way', () => {
  expect(agent.complaints).toEqual([]);
});
