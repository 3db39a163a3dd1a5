/** An API server with many nodes, and as many agents: most of them their watches alone, several in a process, some of them whole. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ApiObject } from '../test/servers/api-client.ts';
import { startApiServer } from '../test/servers/api-server.ts';
import type { ApiServer } from '../test/servers/api-server.ts';
import type { AuditedRequest } from '../test/servers/audit-log.ts';
import { createAccount } from '../test/support/account.ts';
import { startAgent } from '../test/support/agent-process.ts';
import { createFakeNodes, restarted } from '../test/support/fake-nodes.ts';
import type { FakeNode } from '../test/support/fake-nodes.ts';
import { writeAccount } from '../test/support/real-watch.ts';
import type { Account } from '../test/support/real-watch.ts';
import { until } from '../test/support/until.ts';

export interface ScaleOptions {
  readonly processes: number;
  readonly agentsInEach: number;
  readonly wholeAgents: number;
  readonly podsEach: number;
  readonly periodMs: number;
}

export interface ScaleLoad extends AsyncDisposable {
  readonly server: ApiServer;
  readonly nodes: readonly FakeNode[];
  /** Starts all agents at once; resolves when each knows its pods and watches them. */
  start(): Promise<void>;
  /** Kills them all at once. */
  stop(): Promise<void>;
  /** Resolves when each began to watch its pods at or after that Unix time in milliseconds. */
  watchingSince(time: number): Promise<void>;
  /** Changes the state of every pod of every node once. */
  changeAll(): Promise<void>;
  /** Changes the state of one pod. */
  changeOne(): Promise<void>;
}

export async function createScaleLoad(options: ScaleOptions): Promise<ScaleLoad> {
  const { processes, agentsInEach, wholeAgents, podsEach } = options;
  await using parts = new AsyncDisposableStack();
  const server = parts.use(await startApiServer());
  const { api } = server;
  const names = Array.from({ length: processes * agentsInEach + wholeAgents }, (_, i) => `node-${String(i).padStart(4, '0')}`);
  const nodes = await createFakeNodes(api, names, podsEach);
  const pods = nodes.flatMap((node) => node.pods);
  const token = await createAccount(api, 'podgauge');
  const account = await writeAccount(server, Number(new URL(server.url).port), token);
  parts.defer(() => rm(account.folder, { recursive: true }));
  let running = new AsyncDisposableStack();
  parts.defer(() => running.disposeAsync());
  let changes = 0;

  /** By the audit log: to ask for /metrics again and again would cost the server more than the agents do. */
  async function watchingSince(time: number): Promise<void> {
    const isNew = ({ verb, cameAt }: AuditedRequest) => verb === 'watch' && cameAt >= time;
    const watched = async () => new Set((await server.requests()).filter(isNew).map(({ uri }) => nodeOf(uri)));
    await until('a watch of each node', async () => (await watched()).size >= nodes.length, { seconds: 180 });
  }

  async function change(changed: readonly ApiObject[]): Promise<void> {
    changes += 1;
    await Promise.all(changed.map((pod) => api.patchPodStatus(pod, restarted(pod, changes))));
  }

  const owned = parts.move();
  return {
    server,
    nodes,
    watchingSince,
    async start() {
      const time = Date.now();
      running = new AsyncDisposableStack();
      const fleets = Array.from({ length: processes }, (_, i) =>
        startFleet(account, options, names.slice(i * agentsInEach, (i + 1) * agentsInEach)),
      );
      for (const fleet of fleets) running.defer(fleet.kill);
      for (const node of names.slice(processes * agentsInEach)) running.use(await startWholeAgent(account, options, node));
      await Promise.all(fleets.map(({ right }) => right));
      await watchingSince(time);
    },
    stop: () => running.disposeAsync(),
    changeAll: () => change(pods),
    changeOne: () => change(pods.slice(0, 1)),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Whose pods were asked for. */
function nodeOf(uri: string): string | undefined {
  return /nodeName%3D([^&]+)/.exec(uri)?.[1];
}

function startFleet({ folder, env }: Account, { periodMs, podsEach }: ScaleOptions, nodes: readonly string[]) {
  const child = fork(join(import.meta.dirname, 'scale-fleet.ts'), [folder, String(periodMs), String(podsEach), ...nodes], {
    env: { ...process.env, ...env },
  });
  const exit = once(child, 'exit');
  return {
    right: once(child, 'message'),
    async kill() {
      child.kill('SIGKILL');
      await exit;
    },
  };
}

function startWholeAgent({ folder, env }: Account, { periodMs }: ScaleOptions, node: string) {
  const args = ['--node-name', node, '--service-account-dir', folder, '--period', `${periodMs}ms`];
  return startAgent({ args: [...args, '--output', `file:${join(folder, node)}`], env });
}
