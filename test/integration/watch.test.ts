/**
 * The watch on a real API server, in both forms of access: each way in which it can end, and after each the right pods within 30 s
 * of the server answering again, by no more requests than that takes. What only a scripted server can do (500, nonsense, a
 * server that lags) is in test/unit/watch.
 */
import { rm } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { WatchLimits } from '../../src/watch/reflector.ts';
import { startApiServer } from '../servers/api-server.ts';
import type { ApiServer } from '../servers/api-server.ts';
import { startAgent } from '../support/agent-process.ts';
import { runBoundPods } from '../support/bound-pods.ts';
import { cgroupHost } from '../support/cgroup-host.ts';
import { jailUsers } from '../support/jail.ts';
import { startNetwork } from '../support/network.ts';
import { forms, writeAccount } from '../support/real-watch.ts';
import type { Form } from '../support/real-watch.ts';
import { until } from '../support/until.ts';
import { startWatchScene } from '../support/watch-scene.ts';
import type { WatchScene } from '../support/watch-scene.ts';

const idle = 5000;
const parts = new AsyncDisposableStack();
const tokens: Record<Form, string> = { 'in-cluster': 'token-of-a-pod', kubeconfig: 'token-of-a-person' };
let server: ApiServer;

const users = () => forms.map((name) => ({ name, token: tokens[name] }));

beforeAll(async () => {
  server = parts.use(await startApiServer({ users: users() }));
  for (const form of forms) await server.api.allowReading(form);
  // Hundreds of files, which a busy machine takes its time over.
  await import('@kubernetes/client-node');
}, 1_800_000);

afterAll(() => parts.disposeAsync());

const startScene = (limits: Partial<WatchLimits> = {}) => startWatchScene({ server, tokens, limits });

/** The first list and the first watch are counted too. What it knows is right before it watches on. */
async function expectAsked(scene: WatchScene, expected: { readonly lists: number; readonly watches: number }): Promise<void> {
  for (const form of forms) {
    await expect.poll(async () => ({ form, ...(await scene.asked(form)) }), { timeout: 10_000 }).toEqual({ form, ...expected });
  }
}

async function expectAtMost(scene: WatchScene, most: { readonly lists: number; readonly watches: number }): Promise<void> {
  for (const form of forms) {
    const { lists, watches } = await scene.asked(form);
    expect(lists).toBeLessThanOrEqual(most.lists);
    expect(watches).toBeLessThanOrEqual(most.watches);
  }
}

test('a cut connection: it goes on where it was, without a list', async () => {
  await using scene = await startScene();
  scene.eachNetwork('cut');
  await scene.change();
  await until('two attempts in vain', () => scene.watches.every(({ network }) => network.accepted >= 3));
  scene.eachNetwork('mend');
  await scene.right();
  await expectAsked(scene, { lists: 1, watches: 2 });
});

test('a connection that falls silent: given up at the idle limit, and on without a list', async () => {
  await using scene = await startScene({ idle });
  const lastHeardAfter = performance.now();
  await scene.add('e');
  await scene.right();
  scene.eachNetwork('silence');
  await scene.change();
  await until('a second connection', () => scene.watches.every(({ network }) => network.accepted === 2));
  expect(performance.now() - lastHeardAfter).toBeGreaterThan(idle);
  await scene.right();
  for (const { network } of scene.watches) expect(network.open).toBe(1);
  await expectAsked(scene, { lists: 1, watches: 2 });
});

test('a server that hangs: new connections are tried in vain, few of them, and it goes on without a list', async () => {
  await using scene = await startScene({ idle });
  await server.pause();
  try {
    await setTimeout(20_000);
  } finally {
    server.resume();
  }
  await scene.change();
  await scene.right();
  // 5 s of silence, 12 s for an answer that does not come, and one that does.
  for (const { network } of scene.watches) expect(network.accepted).toBeLessThanOrEqual(4);
  await expectAtMost(scene, { lists: 1, watches: 4 });
});

test('its history compacted while it was cut off: one list', async () => {
  await using scene = await startScene();
  scene.eachNetwork('cut');
  await scene.change();
  await server.forgetHistory();
  scene.eachNetwork('mend');
  await scene.right();
  await expectAsked(scene, { lists: 2, watches: 3 });
});

test('a server that answers 429: it is asked less and less often, and it goes on without a list', async () => {
  await using scene = await startScene();
  scene.eachNetwork('cut');
  await scene.change();
  {
    await using _jail = await jailUsers(server, users());
    scene.eachNetwork('mend');
    await until('each to be refused', async () => (await scene.answered(429)) >= 2 * forms.length);
    await setTimeout(5000);
    expect(await scene.answered(429)).toBeLessThanOrEqual(5 * forms.length);
  }
  await scene.right();
  await expectAsked(scene, { lists: 1, watches: 2 });
});

test('a token that is no longer taken: the new one is used as soon as it is there', async () => {
  await using scene = await startScene();
  for (const form of forms) tokens[form] = `new-${tokens[form]}`;
  await server.setUsers(users());
  await server.start();
  await until('each to be refused', async () => (await scene.answered(401)) >= 2 * forms.length);
  await scene.change();
  for (const watch of scene.watches) await watch.provide(tokens[watch.form]);
  await scene.right();
  // Each attempt asks again once, with what it read anew.
  expect(await scene.answered(401)).toBeLessThanOrEqual(12 * forms.length);
  await expectAtMost(scene, { lists: 2, watches: 3 });
});

test('a new authority: the server is trusted as soon as its certificate is there', async () => {
  await using scene = await startScene();
  await server.renewAuthority();
  const before = scene.watches.map(({ network }) => network.accepted);
  await until('each to try in vain', () => scene.watches.every(({ network }, i) => network.accepted > (before[i] ?? 0)));
  await scene.change();
  for (const watch of scene.watches) await watch.provide(tokens[watch.form]);
  await scene.right();
  await expectAtMost(scene, { lists: 2, watches: 3 });
});

test('a server away for 20 s and restarted: the program finds it again, with real cgroups', async () => {
  const node = 'node-of-the-program';
  const [form] = forms;
  await using own = new AsyncDisposableStack();
  const host = own.use(cgroupHost({ prefix: 'podgauge-watch' }));
  const specs = ['a', 'b', 'c'].map((name) => ({ name, node, containers: [{ name: 'main' }] }));
  const [a, b] = await runBoundPods(server.api, host, specs);
  if (a === undefined || b === undefined) throw new Error('Three pods were made');
  const network = own.use(await startNetwork(Number(new URL(server.url).port)));
  const account = await writeAccount(server, network.port, tokens[form]);
  own.defer(() => rm(account.folder, { recursive: true }));
  const args = ['--node-name', node, '--service-account-dir', account.folder, '--period', '1s', '--output', 'stdout'];
  const agent = own.use(await startAgent({ args, env: account.env }));
  await until('the first three pods', () => podsOfLastCycle(agent.output).join() === 'a,b,c');

  await server.kill();
  await setTimeout(20_000);
  expect(network.accepted).toBeLessThanOrEqual(20);
  // Known pods are read on, whatever becomes of the server.
  const then = agent.output.length;
  await until('the pods known before', () => podsOfLastCycle(agent.output.slice(then)).join() === 'a,b,c', { seconds: 30 });
  network.cut();
  await server.start();
  await server.api.deletePod(a.object);
  await server.api.deletePod(b.object);
  await runBoundPods(server.api, host, [
    { name: 'b', node, containers: [{ name: 'again' }] },
    { name: 'd', node, containers: [{ name: 'main' }] },
  ]);
  network.mend();
  await until('the pods there are now', () => podsOfLastCycle(agent.output).join() === 'b,c,d', { seconds: 30 });
  // The cgroups of the first `b` are still there: it is known by its UID to be another pod.
  expect(lastCycle(agent.output).filter((line) => line.includes('pod=b,') && line.includes('container=main,'))).toEqual([]);
  const requests = (await server.requests()).filter(({ uri }) => uri.includes(`nodeName%3D${node}&`));
  expect(requests.filter(({ verb }) => verb === 'list').length).toBeLessThanOrEqual(2);
  expect(requests.filter(({ verb }) => verb === 'watch').length).toBeLessThanOrEqual(3);
  expect(await agent.stop()).toBe(0);
});

/** The lines between the last two heartbeats. */
function lastCycle(output: readonly string[]): readonly string[] {
  const isBeat = (line: string) => line.startsWith('podgauge,');
  const end = output.findLastIndex(isBeat);
  const start = output.slice(0, Math.max(0, end)).findLastIndex(isBeat);
  return output.slice(start + 1, Math.max(0, end));
}

function podsOfLastCycle(output: readonly string[]): string[] {
  return lastCycle(output)
    .flatMap((line) => /^k8s_pod,.*,pod=([^,]+),/.exec(line)?.[1] ?? [])
    .toSorted();
}
