/** One bad item never stops the rest: on the host, read by an agent without any privilege. The API's are in bad-objects.test.ts. */
import { chmodSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApiServer } from '../servers/api-server.ts';
import { startInfluxDb } from '../servers/influxdb.ts';
import { startAgent } from '../support/agent-process.ts';
import type { AgentProcess } from '../support/agent-process.ts';
import { runBoundPods } from '../support/bound-pods.ts';
import type { BoundPod, BoundPodSpec } from '../support/bound-pods.ts';
import { cgroupHost } from '../support/cgroup-host.ts';
import type { CgroupHost, RealPod } from '../support/cgroup-host.ts';
import { influxCycles } from '../support/influx-cycles.ts';
import type { InfluxCycles } from '../support/influx-cycles.ts';
import { expectMarks } from '../support/log-marks.ts';
import { podNetworks } from '../support/pod-network.ts';
import { until } from '../support/until.ts';

const node = 'node-of-the-bad-items';
const idle = ['/bin/sleep', '3600'];
const healthyPods = 30;
const networks = 6;
const flickeringPods = 8;
const period = 100;
/** A cycle that takes longer than this share of its period leaves out what it has not read yet (src/agent.ts). */
const inTime = period * 0.8;
const judged = 100;

const parts = new AsyncDisposableStack();
let host: CgroupHost;
let agent: AgentProcess;
let cycles: InfluxCycles;
let [unreadable, malformed, empty, dying]: BoundPod[] = [];
let flickering: readonly RealPod[];
let started: Date;

beforeAll(async () => {
  const user = { name: 'agent', token: 'token-of-the-agent' };
  const server = parts.use(await startApiServer({ users: [user] }));
  const influx = parts.use(await startInfluxDb());
  await server.api.createNode(node);
  await server.api.allowReading(user.name);
  const { networks: made } = parts.use(podNetworks({ name: 'pgbad', count: networks + 2, network: 215 }));
  const netnsOf = (i: number) => (made[i] === undefined ? {} : { netns: made[i].netns });
  host = parts.use(cgroupHost({ prefix: 'podgauge-bad-items' }));
  const healthy = Array.from({ length: healthyPods }, (_, i) =>
    podSpec('healthy', `healthy-${i}`, { ...(i < networks && netnsOf(i)), command: idle }),
  );
  await runBoundPods(server.api, host, healthy);
  const fast = Array.from({ length: flickeringPods }, (_, i) => podSpec('flickering', `flickering-${i}`));
  flickering = (await runBoundPods(server.api, host, fast)).map(({ real }) => real);
  [unreadable, malformed, empty, dying] = await runBoundPods(server.api, host, [
    podSpec('bad', 'unreadable'),
    podSpec('bad', 'malformed'),
    podSpec('bad', 'empty', netnsOf(networks)),
    podSpec('bad', 'dying', { ...netnsOf(networks + 1), command: idle }),
  ]);

  const folder = await mkdtemp(join(tmpdir(), 'podgauge-bad-items-'));
  parts.defer(() => rm(folder, { recursive: true }));
  await chmod(folder, 0o755);
  await writeFile(join(folder, 'kubeconfig'), server.kubeconfig(user));
  await writeFile(join(folder, 'token'), influx.token);
  chmodSync(fileOf(unreadable, 0, 'memory', 'memory.stat'), 0o000);
  const stat = host.read('memory', leafOf(malformed, 0), 'memory.stat');
  await writeFile(join(folder, 'memory.stat'), stat.replace(/^total_rss .*$/m, 'total_rss twelve'));
  await writeFile(join(folder, 'cpuacct.usage'), 'a "quoted", broken = \\ value 😀\n');
  started = new Date();
  agent = parts.use(
    await startAgent({
      args: [
        ...['--kubeconfig', join(folder, 'kubeconfig'), '--node-name', node, '--cluster-name', 'host'],
        ...['--period', `${period}ms`, '--influx-token-file', join(folder, 'token')],
        ...['--influx-url', influx.url, '--influx-org', influx.org, '--influx-bucket', influx.bucket],
      ],
      under: unprivileged([
        [join(folder, 'memory.stat'), fileOf(malformed, 0, 'memory', 'memory.stat')],
        [join(folder, 'cpuacct.usage'), fileOf(malformed, 1, 'cpuacct', 'cpuacct.usage')],
      ]),
    }),
  );
  cycles = influxCycles(influx, 'host');
  await until(
    'all pods are read',
    async () => (await cycles.beats(started)).at(-1)?.['pods'] === healthyPods + flickeringPods + 4,
  );
}, 1_800_000);

afterAll(() => parts.disposeAsync());

function podSpec(
  workload: string,
  name: string,
  { command, netns }: { command?: string[]; netns?: string } = {},
): BoundPodSpec {
  return {
    name,
    node,
    metadata: { ownerReferences: [{ apiVersion: 'apps/v1', kind: 'StatefulSet', name: workload, uid: 'u', controller: true }] },
    ...(netns !== undefined && { netns }),
    containers: [{ name: 'main', ...(command !== undefined && { command }) }, { name: 'side' }],
  };
}

/**
 * As the uid of the image, which may do nothing, and with these files over others, for itself alone. Ahead of others, so that a
 * busy machine leaves it enough cycles in time.
 */
function unprivileged(covers: readonly (readonly [file: string, over: string])[]): string[] {
  const mounts = covers.map(([file, over]) => `mount --bind '${file}' '${over}' && `).join('');
  const script = `${mounts}exec setpriv --reuid 19610 --regid 19610 --clear-groups "$@"`;
  return ['nice', '-n', '-10', 'unshare', '--mount', '/bin/sh', '-c', script, 'sh'];
}

function leafOf(pod: BoundPod | undefined, container: number): string {
  return pod?.real.containers[container]?.path ?? '';
}

function fileOf(pod: BoundPod | undefined, container: number, controller: string, file: string): string {
  return `/sys/fs/cgroup/${controller}${leafOf(pod, container)}/${file}`;
}

function uidOf(pod: BoundPod | undefined): unknown {
  return pod?.object.metadata.uid;
}

/** Removes the pods' cgroups and makes them anew, over and over, at all moments of a cycle. */
async function flicker(signal: AbortSignal): Promise<void> {
  for (let round = 0; !signal.aborted; round += 1) {
    const next: RealPod[] = [];
    for (const [i, real] of flickering.entries()) {
      await host.removePod(real);
      await setTimeout((round * 7 + i * 3) % 20);
      next.push(host.makePod({ uid: real.uid, qos: 'BestEffort', containers: real.containers }));
    }
    flickering = next;
    await setTimeout(5);
  }
}

/** Every cycle in time since a moment has a point of each of the healthy series. */
async function expectHealthyInEachCycle(from: Date): Promise<void> {
  const beats = await cycles.inTime(from, judged, inTime);
  const expected = { k8s_pod: healthyPods, k8s_container: healthyPods * 2, k8s_pod_network: networks };
  for (const [measurement, series] of Object.entries(expected)) {
    const field = measurement === 'k8s_pod_network' ? 'rx_bytes' : 'pids';
    const counts = await cycles.counts(from, measurement, `r.workload == "healthy" and r._field == "${field}"`);
    const short = beats.map((beat) => ({ time: beat['_time'], measurement, count: counts.get(beat['_time']) }));
    expect(short.filter(({ count }) => count !== series)).toEqual([]);
  }
}

test('reads every other pod in each cycle while cgroups are removed and made anew in the middle of it', async () => {
  const goneBefore = Number((await cycles.beats(started)).at(-1)?.['files_gone']);
  const stop = new AbortController();
  const flickers = flicker(stop.signal);
  try {
    await expectHealthyInEachCycle(new Date());
  } finally {
    stop.abort();
    await flickers;
  }
  // Files that were there when their pod was looked for and not when they were read: the middle of a cycle.
  const beats = await cycles.beats(started);
  expect(beats.at(-1)?.['files_gone']).toBeGreaterThan(goneBefore);
  console.log(`files gone between two reads: ${goneBefore} to ${String(beats.at(-1)?.['files_gone'])}`);
});

test('reads the cgroups that were made anew, well before all that is absent is tried again', async () => {
  const from = new Date();
  const filter = 'r.workload == "flickering" and r._field == "pids"';
  // By the time of the point: when InfluxDB shows it is another matter.
  let first = Infinity;
  await until('all cgroups that were made anew to be read', async () => {
    const counts = await cycles.counts(from, 'k8s_container', filter);
    const whole = [...counts].filter(([, count]) => Number(count) === flickeringPods * 2);
    first = Math.min(...whole.map(([time]) => Date.parse(String(time))));
    return whole.length > 0;
  });
  expect(first - from.getTime()).toBeLessThan(15_000);
});

test('leaves out what cannot be read or understood, and nothing else of the same container', async () => {
  // One that its deadline cut may lack more, and the newest may be on its way.
  const latest = (await cycles.inTime(started, 2, inTime)).at(-2);
  const [denied, cut] = await Promise.all(
    ['unreadable', 'malformed'].map(async (pod) => {
      const rows = await cycles.at(latest?.['_time'], 'k8s_container', `r.pod == "${pod}"`);
      return { main: rows.find((row) => row['container'] === 'main'), side: rows.find((row) => row['container'] === 'side') };
    }),
  );
  const all = [
    'cpu_usage_core_nanoseconds',
    'cpu_user_nanoseconds',
    'memory_usage_bytes',
    'memory_cache_bytes',
    'memory_rss_bytes',
  ];
  const known = (row: object | undefined) => all.filter((field) => Object.hasOwn(row ?? {}, field));
  expect(known(denied?.main)).toEqual(['cpu_usage_core_nanoseconds', 'cpu_user_nanoseconds', 'memory_usage_bytes']);
  expect(known(denied?.side)).toEqual(all);
  expect(known(cut?.main)).toEqual(all.slice(0, -1));
  expect(known(cut?.side)).toEqual(all.slice(1));
});

test('reads the cgroups of a pod with no process, and no network', async () => {
  const rows = await cycles.last('k8s_container', 'r.pod == "empty" and r._field == "pids"');
  expect(rows.map((row) => row['pids'])).toEqual([0, 0]);
  expect(await cycles.last('k8s_pod_network', 'r.pod == "empty"')).toEqual([]);
  expect(await cycles.last('k8s_pod_network', 'r.pod == "dying"')).toHaveLength(1);
  const [main] = dying?.real.containers ?? [];
  main?.process?.kill('SIGKILL');
  const from = new Date();
  await until('its network is no longer read', async () => {
    const beats = await cycles.inTime(from, 10, inTime);
    const networkOf = await cycles.counts(from, 'k8s_pod_network', 'r.pod == "dying" and r._field == "rx_bytes"');
    return beats.slice(-5).every((beat) => !networkOf.has(beat['_time']));
  });
  await expectHealthyInEachCycle(from);
});

test('counts each bad item in every cycle and logs it once', async () => {
  const beats = await cycles.beats(started);
  expectMarks(beats.at(-1), agent, 3);
  expect(beats.at(-1)).toMatchObject({ objects_malformed: 0, points_rejected: 0, points_dropped: 0 });
  expect(beats.at(-1)?.['files_denied']).toBeGreaterThan(0);
  const growth = beats.slice(1).map((beat, i) => Number(beat['lines_malformed']) - Number(beats[i]?.['lines_malformed']));
  expect(growth.filter((lines) => lines === 2).length).toBeGreaterThan(judged);
  expect(Math.max(...growth)).toBe(2);
  // Before the first list a pod has no name, but that of its cgroup.
  const ownerOf = (owner: unknown): string => String(owner).replace('unnamed/', '');
  const told = agent.complaints.map(({ level, kind, owner, cause }) => ({ level, kind, owner: ownerOf(owner), cause }));
  expect(told.toSorted(byCause)).toEqual([
    { level: 'warn', kind: 'malformed', owner: uidOf(malformed), cause: 'cpuacct.usage malformed' },
    { level: 'warn', kind: 'denied', owner: uidOf(unreadable), cause: 'memory.stat EACCES' },
    { level: 'warn', kind: 'malformed', owner: uidOf(malformed), cause: 'memory.stat malformed' },
  ]);
  expect(uidOf(empty)).not.toBe(undefined);
});

function byCause(a: { cause: unknown }, b: { cause: unknown }): number {
  return String(a.cause) < String(b.cause) ? -1 : 1;
}
