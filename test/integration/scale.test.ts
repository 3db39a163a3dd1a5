/**
 * Many agents on one real API server: each gets the pods of its own node and no other, by requests that are few, spread, and answered
 * from an index; none lists again what it can go on from. What that costs is in docs/scale.md, by `npm run bench -- scale`.
 */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inCluster } from '../../src/watch/credentials.ts';
import { startApiServer } from '../servers/api-server.ts';
import type { ApiServer } from '../servers/api-server.ts';
import type { AuditedRequest } from '../servers/audit-log.ts';
import { startEtcd } from '../servers/etcd.ts';
import { startAgent } from '../support/agent-process.ts';
import type { AgentProcess } from '../support/agent-process.ts';
import { createFakeNodes, restarted } from '../support/fake-nodes.ts';
import type { FakeNode } from '../support/fake-nodes.ts';
import { startNetwork } from '../support/network.ts';
import type { Network } from '../support/network.ts';
import { writeAccount } from '../support/real-watch.ts';
import { until } from '../support/until.ts';
import { startWatchFleet } from '../support/watch-fleet.ts';
import type { FleetMember } from '../support/watch-fleet.ts';
import { parseLine } from '../unit/write/parse-line.ts';

const period = 3000;
const podsEach = 10;
const agentNodes = ['agent-1', 'agent-2'];
const fleetNodes = Array.from({ length: 18 }, (_, i) => `fleet-${i + 1}`);
const user = { name: 'agents', token: 'token-of-the-agents' };

const parts = new AsyncDisposableStack();
/** Two of one cluster; all ask the first until that is gone. */
let server: ApiServer;
let other: ApiServer;
let network: Network;
let nodes: readonly FakeNode[];
let members: readonly FleetMember[];
const agents = new Map<string, { readonly process: AgentProcess; readonly file: string }>();
/** Where they read what lets them in. */
let folder: string;
let startedAt: number;

beforeAll(async () => {
  const etcd = parts.use(await startEtcd());
  const start = async () => parts.use(await startApiServer({ users: [user], etcd }));
  [server, other] = await Promise.all([start(), start()]);
  await server.api.allowReading(user.name);
  nodes = await createFakeNodes(server.api, [...agentNodes, ...fleetNodes], podsEach);
  network = parts.use(await startNetwork(portOf(server)));
  const account = await writeAccount(server, network.port, user.token);
  ({ folder } = account);
  await writeFile(join(folder, 'ca.crt'), server.ca() + other.ca());
  parts.defer(() => rm(folder, { recursive: true }));
  for (const node of agentNodes) {
    const file = join(folder, `points-of-${node}`);
    const args = ['--node-name', node, '--service-account-dir', folder, '--period', `${period}ms`];
    const output = ['--collectors', 'node,state', '--output', `file:${file}`];
    agents.set(node, { process: parts.use(await startAgent({ args: [...args, ...output], env: account.env })), file });
  }
  startedAt = Date.now();
  const access = inCluster(folder, account.env);
  ({ members } = parts.use(startWatchFleet({ access, nodes: fleetNodes, period })));
}, 1_800_000);

afterAll(() => parts.disposeAsync());

function portOf({ url }: ApiServer): number {
  return Number(new URL(url).port);
}

function podsOf(node: string): FakeNode['pods'] {
  return nodes.find(({ name }) => name === node)?.pods ?? [];
}

/** What is known of a pod, and changes when its container restarts. */
function known({ watch }: FleetMember): string[] {
  return Array.from(watch.snapshot().values(), ({ uid, containers }) => `${uid} ${containers[0]?.id}`).toSorted();
}

function expected(node: string): string[] {
  return podsOf(node)
    .map(({ metadata, status }) => `${metadata.uid} ${/containerd:\/\/(\w+)/.exec(JSON.stringify(status))?.[1]}`)
    .toSorted();
}

async function untilRight(): Promise<void> {
  const isRight = (member: FleetMember) => member.watch.ready && known(member).join() === expected(member.node).join();
  await until('the pods of its node in each', () => members.every(isRight));
}

/** Restarts a container of the first pod of each of these nodes. */
let restarts = 0;
async function change({ api }: ApiServer, ...changed: readonly string[]): Promise<void> {
  restarts += 1;
  await Promise.all(
    changed.map(async (node) => {
      const [pod, ...others] = podsOf(node);
      if (pod === undefined) throw new Error(`No pod on ${node}`);
      const now = await api.patchPodStatus(pod, restarted(pod, restarts));
      nodes = nodes.map((one) => (one.name === node ? { name: node, pods: [now, ...others] } : one));
    }),
  );
}

/** By node, what was asked for its pods of this server so far. */
async function asked(of = server): Promise<Map<string, { lists: number; watches: number; firstAt: number }>> {
  const byNode = new Map<string, { lists: number; watches: number; firstAt: number }>();
  for (const { uri, verb, cameAt } of await of.requests()) {
    const [, node] = /nodeName%3D([^&]+)&/.exec(uri) ?? [];
    if (node === undefined) continue;
    const { lists, watches, firstAt } = byNode.get(node) ?? { lists: 0, watches: 0, firstAt: cameAt };
    byNode.set(node, { lists: lists + Number(verb === 'list'), watches: watches + Number(verb === 'watch'), firstAt });
  }
  return byNode;
}

async function sum(what: 'lists' | 'watches', of = server): Promise<number> {
  return (await asked(of)).values().reduce((total, each) => total + each[what], 0);
}

/** Watches of pods that are open, its own one aside. */
async function watching(of: ApiServer): Promise<number> {
  const labels = 'component="apiserver",group="",resource="pods",scope="cluster",subresource="",verb="WATCH",version="v1"';
  return (await counter('apiserver_longrunning_requests', labels, of)) - 1;
}

/** A counter of the API server's own. */
async function counter(name: string, labels: string, of = server): Promise<number> {
  const line = new RegExp(`^${name}\\{${labels}\\} (\\S+)$`, 'm').exec(await of.api.text('/metrics'));
  return Number(line?.[1]);
}

test('each gets exactly the pods of its node, by one list, out of an index, at a moment of its own', async () => {
  await untilRight();
  for (const member of members) expect(known(member)).toEqual(expected(member.node));
  for (const [node, { file }] of agents) {
    await until(`the state of all pods of ${node}`, async () => (await podsWritten(file)).length === podsEach);
    expect(await podsWritten(file)).toEqual(
      podsOf(node)
        .map(({ metadata }) => metadata.name)
        .toSorted(),
    );
  }
  await until('all watches to begin', async () => (await sum('watches')) === nodes.length);
  await until('all nodes to be read', async () => (await server.requests()).filter(isGet).length === nodes.length);
  const requests = await asked();
  for (const { name } of nodes) expect(requests.get(name)).toMatchObject({ lists: 1, watches: 1 });
  const lists = nodes.length;
  expect(await counter('apiserver_cache_list_total', 'group="",index="f:spec.nodeName",resource="pods"')).toBe(lists);
  // An index gives just what is asked for: without one all pods of the cluster are looked at for each list.
  const looked = await counter(
    'apiserver_cache_list_fetched_objects_total',
    'group="",index="f:spec.nodeName",resource="pods"',
  );
  expect(looked).toBe(lists * podsEach);

  const delays = members.map(({ startDelay = Number.NaN }) => startDelay);
  for (const delay of delays) expect(delay).toBeLessThan(period);
  // Chance puts 18 into fewer than four of ten slots once in a million times.
  expect(new Set(delays.map((delay) => Math.floor((delay / period) * 10))).size).toBeGreaterThanOrEqual(4);
  // A timer may be a millisecond early.
  for (const { node, startDelay = 0 } of members) {
    expect(requests.get(node)?.firstAt).toBeGreaterThanOrEqual(startedAt + Math.floor(startDelay) - 1);
  }
});

function isGet({ verb }: AuditedRequest): boolean {
  return verb === 'get';
}

async function podsWritten(file: string): Promise<string[]> {
  const lines = (await readFile(file, 'utf8').catch(() => '')).split('\n').slice(0, -1);
  return lines
    .map(parseLine)
    .flatMap(({ measurement, tags: { pod } }) => (measurement === 'k8s_pod_info' && pod !== undefined ? [pod] : []))
    .filter((pod, i, all) => all.indexOf(pod) === i)
    .toSorted();
}

test('who has nothing to learn asks nothing, and a change is told to the one whose it is', async () => {
  const before = (await server.requests()).length;
  await setTimeout(2.5 * period);
  expect(await server.requests()).toHaveLength(before);
  const versions = members.map(({ watch }) => watch.version);
  await change(server, 'fleet-7');
  await untilRight();
  const changed = members.filter(({ watch }, i) => watch.version !== versions[i]);
  expect(changed.map(({ node }) => node)).toEqual(['fleet-7']);
  expect(await server.requests()).toHaveLength(before);
});

test('their API server killed: few attempts, and nobody lists where another knows what they missed', async () => {
  const { accepted } = network;
  await server.kill();
  await change(other, ...fleetNodes);
  await setTimeout(period);
  // On average four or five each; a client that does not wait makes thousands.
  expect(network.accepted - accepted).toBeLessThanOrEqual(10 * nodes.length);
  network.redirect(portOf(other));
  await untilRight();
  await until('a watch of each', async () => (await asked(other)).size === nodes.length);
  expect(await sum('lists', other)).toBe(0);
});

test('the only API server started anew: it knows no history, and each lists at most once, after a watch that was refused', async () => {
  const before = await asked(server);
  await server.start();
  network.redirect(portOf(server));
  network.cut();
  await change(other, ...fleetNodes);
  network.mend();
  await untilRight();
  const askedSince = async () => {
    const after = await asked(server);
    return nodes.map(({ name }) => ({
      lists: (after.get(name)?.lists ?? 0) - (before.get(name)?.lists ?? 0),
      watches: (after.get(name)?.watches ?? 0) - (before.get(name)?.watches ?? 0),
    }));
  };
  let each = await askedSince();
  // A watch that is refused counts as one for a moment, and stands in the log a moment later.
  await until(
    'a watch of each',
    async () => {
      each = await askedSince();
      const hasWatched = each.every(({ lists, watches }) => watches === 1 + lists);
      return hasWatched && (await watching(server)) === nodes.length;
    },
    { describe: () => JSON.stringify(each) },
  );
  expect(each.filter(({ lists }) => lists > 1)).toEqual([]);
});
