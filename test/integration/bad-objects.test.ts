/** One bad item never stops the rest: objects of the API full of nonsense. The host's bad items are in bad-items.test.ts. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApiServer } from '../servers/api-server.ts';
import { startInfluxDb } from '../servers/influxdb.ts';
import type { InfluxDbServer, Row } from '../servers/influxdb.ts';
import { startAgent } from '../support/agent-process.ts';
import type { AgentProcess } from '../support/agent-process.ts';
import { containerId, runBoundPods } from '../support/bound-pods.ts';
import { cgroupHost } from '../support/cgroup-host.ts';
import type { CgroupHost, RealPod } from '../support/cgroup-host.ts';
import { influxCycles } from '../support/influx-cycles.ts';
import type { InfluxCycles } from '../support/influx-cycles.ts';
import { expectMarks } from '../support/log-marks.ts';
import { healthyPod, isShown, nonsensePod, nonsenseStrings, unknowable } from '../support/nonsense.ts';
import { body, refusal, scriptedApi, watchThatStays } from '../support/scripted-api.ts';
import { until } from '../support/until.ts';

const healthyPods = 10;
const period = 200;
/** A cycle that takes longer than this share of its period leaves out what it has not read yet (src/agent.ts). */
const inTime = period * 0.8;
const judged = 30;
const node = 'node-of-the-bad-objects';

const parts = new AsyncDisposableStack();
let influx: InfluxDbServer;
let host: CgroupHost;
let folder: string;

beforeAll(async () => {
  influx = parts.use(await startInfluxDb());
  host = parts.use(cgroupHost({ prefix: 'podgauge-bad-objects' }));
  folder = await mkdtemp(join(tmpdir(), 'podgauge-bad-objects-'));
  parts.defer(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'token'), influx.token);
}, 1_800_000);

afterAll(() => parts.disposeAsync());

let made = 0;

function makePod(): RealPod {
  made += 1;
  const uid = `00000000-0000-4000-8000-${String(made).padStart(12, '0')}`;
  const containers = ['main', 'side'].map((name) => ({ name, id: containerId(uid, name) }));
  return host.makePod({ uid, qos: 'BestEffort', containers });
}

async function startWith(cluster: string, kubeconfig: string): Promise<AgentProcess> {
  await writeFile(join(folder, cluster), kubeconfig);
  return startAgent({
    args: [
      ...['--kubeconfig', join(folder, cluster), '--node-name', node, '--cluster-name', cluster, '--period', `${period}ms`],
      ...['--influx-url', influx.url, '--influx-org', influx.org, '--influx-bucket', influx.bucket],
      ...['--influx-token-file', join(folder, 'token'), '--collectors', 'cpu,memory,pids,network'],
    ],
    // Ahead of others, so that a busy machine leaves it enough cycles in time.
    under: ['nice', '-n', '-10'],
  });
}

function kubeconfigFor(url: string): string {
  return JSON.stringify({
    clusters: [{ name: 'test', cluster: { server: url } }],
    users: [{ name: 'test', user: { token: 'any' } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    'current-context': 'test',
  });
}

/** Every cycle in time since a moment has a point of each container of the healthy pods. */
async function expectHealthyInEachCycle(cycles: InfluxCycles, from: Date): Promise<void> {
  const beats = await cycles.inTime(from, judged, inTime);
  const counts = await cycles.counts(from, 'k8s_container', 'r.pod =~ /^healthy-[0-9]+$/ and r._field == "pids"');
  const seen = beats.map((beat) => ({ time: beat['_time'], count: counts.get(beat['_time']) }));
  expect(seen.filter(({ count }) => count !== healthyPods * 2)).toEqual([]);
}

const tagKeys = ['cluster', 'namespace', 'node', 'pod', 'qos', 'workload', 'workload_kind'];

function tagsOf(row: Row): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).filter(([key]) => key === 'container' || tagKeys.includes(key)));
}

/** Before the first list all containers are read, and those of pods without a status are held for a name that never comes. */
function isOfContainersWithoutName(message: string): boolean {
  return message.startsWith('Points are given up: the API server has not named their pods');
}

function warnings(agent: AgentProcess): { readonly kind: unknown; readonly owner: unknown; readonly cause: unknown }[] {
  return agent.complaints
    .filter(({ msg }) => !isOfContainersWithoutName(msg))
    .map(({ kind, owner, cause }) => ({ kind, owner, cause }));
}

test('objects that no API server would send: each pod with a cgroup is one series, all others are as ever', async () => {
  await using api = await scriptedApi();
  const healthy = Array.from({ length: healthyPods }, (_, i) => healthyPod(`healthy-${i}`, node, makePod()));
  const nonsense = nonsenseStrings.map(({ given }) => ({ given, real: makePod() }));
  const odd = nonsense.map(({ given, real }) => nonsensePod(given, node, real));
  const [statusless, containerless, labelled] = [makePod(), makePod(), makePod()];
  const labels = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`label-${i}`, '"\\\n,= '.repeat(170)]));
  const others = [
    { ...healthyPod('statusless', node, statusless), status: undefined },
    { ...healthyPod('containerless', node, containerless), spec: { nodeName: node }, status: {} },
    healthyPod('labelled', node, labelled, labels),
  ];
  const huge = { metadata: { uid: 'huge', name: 'huge', namespace: 'x', labels: { a: 'x'.repeat(5 << 20) } } };
  const items = [...unknowable, ...odd, huge, ...others, ...healthy];
  api.script(body(JSON.stringify({ kind: 'PodList', apiVersion: 'v1', metadata: { resourceVersion: '10' }, items })));
  const again = [...odd, ...others, null, {}, { metadata: { uid: '..' } }];
  const events = Array.from({ length: 3 }, () => again.map((object) => ({ type: 'MODIFIED', object }))).flat();
  api.script(watchThatStays(...events));

  const started = new Date();
  await using agent = await startWith('scripted', kubeconfigFor(api.url));
  const cycles = influxCycles(influx, 'scripted');
  const bad = unknowable.length + odd.length + 1 + 1 + 3 * (odd.length + 1 + 3);
  const objects = async () => (await cycles.beats(started)).at(-1)?.['objects_malformed'];
  await until('all objects are read', async () => (await objects()) === bad, {
    describe: () => JSON.stringify(agent.log.slice(-5)),
  });
  await expectHealthyInEachCycle(cycles, new Date());

  const rows = await cycles.last('k8s_pod', 'r._field == "pids"');
  expect(rows).toHaveLength(healthyPods + odd.length + others.length);
  const containers = await cycles.last('k8s_container', 'r._field == "pids"');
  // All containers of such a pod have one name: the first counts. Without a status there is none to be known by.
  expect(containers).toHaveLength(2 * healthyPods + odd.length + 2);
  for (const string of nonsenseStrings) {
    const own = rows.filter((row) => isShown(row['pod'], string));
    expect(own.length).toBe(nonsenseStrings.filter(({ shown }) => String(shown) === String(string.shown)).length);
    for (const row of own) {
      expect(Object.keys(tagsOf(row)).toSorted()).toEqual(tagKeys);
      for (const tag of ['namespace', 'pod', 'workload', 'workload_kind'])
        expect([string.given, tag, row[tag]]).toSatisfy(() => isShown(row[tag], string));
      expect(row).toMatchObject({ cluster: 'scripted', node, qos: 'unknown' });
    }
  }
  const tags = { cluster: 'scripted', node, namespace: 'default', qos: 'BestEffort', workload_kind: 'Pod' };
  for (let i = 0; i < healthyPods; i += 1) {
    const pod = `healthy-${i}`;
    expect(rows.filter((row) => row['pod'] === pod).map(tagsOf)).toEqual([{ ...tags, pod, workload: pod }]);
  }

  const beat = (await cycles.beats(started)).at(-1);
  expect(beat).toMatchObject({ points_rejected: 0, points_dropped: 0, sends_failed: 0, watch_lists: 1, watch_starts: 1 });
  const unnamed = ['metadata.name is not a name', 'metadata.namespace is not a name', 'metadata.uid is not a UID'];
  const expected = [
    ...nonsense.map(({ real }) => ({ kind: 'object', owner: real.uid, cause: 'its name or namespace is not a DNS name' })),
    { kind: 'object', owner: containerless.uid, cause: 'it has no container' },
    ...unnamed.map((cause) => ({ kind: 'object', owner: '', cause })),
  ];
  expect(warnings(agent).toSorted(byText)).toEqual(expected.toSorted(byText));
  expectMarks(beat, agent, expected.length);

  // With the objects go their marks, and their points.
  api.script(refusal(410, 'too old resource version'));
  api.cut();
  api.script(body(JSON.stringify({ kind: 'PodList', apiVersion: 'v1', metadata: { resourceVersion: '10' }, items: healthy })));
  api.script(watchThatStays());
  await until('only the healthy are left', async () => (await cycles.beats(started)).at(-1)?.['pods'] === healthyPods);
  const [left] = await cycles.inTime(new Date(), 1, inTime);
  expect(left).toMatchObject({ points: 3 * healthyPods });
  expectMarks(left, agent, unnamed.length);
});

function byText(a: object, b: object): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
}

test('owners with any name, which the API server takes: each is one workload', async () => {
  const user = { name: 'agent', token: 'token-of-the-agent' };
  await using server = await startApiServer({ users: [user] });
  await server.api.createNode(node);
  await server.api.allowReading(user.name);
  // etcd keeps UTF-8, in which there is no half of a pair.
  const strings = nonsenseStrings.filter(({ given }) => given.isWellFormed());
  const healthy = Array.from({ length: healthyPods }, (_, i) => ({ name: `healthy-${i}` }));
  const odd = strings.map(({ given }, i) => ({
    name: `odd-${i}`,
    metadata: {
      annotations: { 'kubernetes.io/config.source': given, 'kubernetes.io/config.hash': given },
      ownerReferences: [{ apiVersion: 'v1', kind: given, name: given, uid: given, controller: true }],
    },
  }));
  const containers = [{ name: 'main' }, { name: 'side' }];
  await runBoundPods(
    server.api,
    host,
    [...healthy, ...odd].map((pod) => ({ ...pod, node, containers })),
  );

  await using agent = await startWith('real', server.kubeconfig(user));
  const cycles = influxCycles(influx, 'real');
  const lastPods = async () => (await cycles.beats(new Date(0))).at(-1)?.['pods'];
  await until('all pods are read', async () => (await lastPods()) === healthyPods + odd.length);
  await expectHealthyInEachCycle(cycles, new Date());
  const rows = await cycles.last('k8s_pod', 'r._field == "pids"');
  expect(rows).toHaveLength(healthyPods + odd.length);
  for (const [i, string] of strings.entries()) {
    const row = rows.find((each) => each['pod'] === `odd-${i}`);
    for (const tag of ['workload', 'workload_kind'])
      expect([string.given, tag, row?.[tag]]).toSatisfy(() => isShown(row?.[tag], string));
    expect(row).toMatchObject({ cluster: 'real', node, namespace: 'default', qos: 'BestEffort' });
  }
  const last = (await cycles.beats(new Date(0))).at(-1);
  expect(last).toMatchObject({ objects_malformed: 0, points_rejected: 0 });
  expectMarks(last, agent, 0);
  expect(warnings(agent)).toEqual([]);
});
