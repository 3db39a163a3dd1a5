/** What a running agent tells of itself over HTTP, whatever is away. */
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startAgent } from '../support/agent-process.ts';
import type { AgentProcess } from '../support/agent-process.ts';
import { unpackHost } from '../support/archive.ts';
import { fallen, parseOpenMetrics } from '../support/openmetrics.ts';
import { body, refusal, scriptedApi, watchThatStays } from '../support/scripted-api.ts';
import type { Step } from '../support/scripted-api.ts';
import { until } from '../support/until.ts';

const golden = join(import.meta.dirname, '../golden/cases/1.36-containerd-systemd-v2');
const often = ['--period', '1s', '--listen', '127.0.0.1:0'];
const isPoint = (line: string): boolean => line.startsWith('podgauge,');

interface PodList {
  readonly items: readonly {
    readonly metadata: { readonly name: string; readonly namespace: string; readonly uid: string };
    readonly spec: { readonly containers: readonly { readonly name: string; readonly image: string }[] };
  }[];
}

async function portOf(agent: AgentProcess): Promise<number> {
  const line = () => agent.log.find(({ msg }) => msg === 'Serving /healthz, /readyz and /metrics');
  await until('the agent serves', () => line() !== undefined, { describe: () => JSON.stringify(agent.log) });
  return Number(line()?.['port']);
}

async function get(port: number, path: string): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  return `${response.status} ${await response.text()}`;
}

async function scrape(port: number) {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`);
  const text = await response.text();
  const families = parseOpenMetrics(text);
  return { text, families, value: (family: string): number => families.get(family)?.samples[0]?.value ?? Number.NaN };
}

test('it is alive while the API server and InfluxDB are away, ready when the pods are listed, and names none of them', async () => {
  await using host = await unpackHost(join(golden, 'host.txt'));
  await using api = await scriptedApi();
  const pods = await readFile(join(golden, 'pods.json'), 'utf8');
  const [list, watch, away] = [body(pods), watchThatStays(), refusal(503, 'away')];
  let present = false;
  const answer: Step = (response, request) => (present ? ('watch' in request.query ? watch : list) : away)(response, request);
  api.script(...Array.from({ length: 1000 }, () => answer));
  const kubeconfig = join(host.path, 'kubeconfig');
  const named = { name: 'a', cluster: { server: api.url }, user: {}, context: { cluster: 'a', user: 'a' } };
  await writeFile(
    kubeconfig,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [named],
      users: [named],
      contexts: [named],
      'current-context': 'a',
    }),
  );
  const influx = ['--influx-url', 'http://127.0.0.1:1', '--influx-org', 'o', '--influx-bucket', 'b'];
  await using agent = await startAgent({
    args: [
      ...['--kubeconfig', kubeconfig, '--node-name', 'worker-1.example.internal', ...often, ...influx],
      ...['--proc-root', host.procRoot, '--cgroup-root', host.cgroupRoot],
    ],
  });
  const port = await portOf(agent);
  await until('cycles', async () => (await scrape(port)).value('podgauge_cycles') >= 2);
  expect(await get(port, '/healthz')).toBe('200 ok\n');
  expect(await get(port, '/readyz')).toBe('503 the API server has not listed the pods of this node yet\n');

  present = true;
  await until('the agent is ready', async () => (await get(port, '/readyz')) === '200 ok\n');
  await until('pods are read', async () => (await scrape(port)).value('podgauge_pods') > 0);
  await until('a send failed', async () => (await scrape(port)).value('podgauge_sends_failed') > 0);
  expect([await get(port, '/healthz'), await get(port, '/readyz')]).toEqual(['200 ok\n', '200 ok\n']);

  const before = await scrape(port);
  await until('more cycles', async () => (await scrape(port)).value('podgauge_cycles') > before.value('podgauge_cycles') + 1);
  const after = await scrape(port);
  expect(fallen(before.families, after.families)).toEqual([]);
  expect(after.value('podgauge_queue_points')).toBeGreaterThan(0);
  expect(after.value('process_cpu_seconds')).toBeGreaterThan(0);
  const { items }: PodList = JSON.parse(pods);
  const names = items.flatMap(({ metadata: { name, namespace, uid }, spec }) => [
    ...[name, namespace, uid, uid.replaceAll('-', '_')],
    ...spec.containers.flatMap((container) => [container.name, container.image]),
  ]);
  expect(names.length).toBeGreaterThan(10);
  const words = after.text.split(/[^\w.-]+/);
  expect(names.filter((name) => words.includes(name))).toEqual([]);

  agent.stop().catch(() => undefined);
  expect(await agent.ended()).toBe(0);
  await expect(get(port, '/healthz')).rejects.toThrow('fetch failed');
});

test('of a host without a cluster it tells at once', async () => {
  await using agent = await startAgent({ args: ['--source', 'cgroup', '--output', 'stdout', ...often] });
  const port = await portOf(agent);
  expect([await get(port, '/readyz'), await get(port, '/healthz')]).toEqual(['200 ok\n', '200 ok\n']);
  const reads = async (): Promise<number | undefined> => {
    const family = (await scrape(port)).families.get('podgauge_collector_reads');
    return family?.samples.find(({ labels }) => labels['collector'] === 'system')?.value;
  };
  await until('slices are read', async () => Number(await reads()) > 0);
  expect((await scrape(port)).families.has('podgauge_watch_lists')).toBe(false);
  expect(await agent.stop()).toBe(0);
});

test('an address that is taken ends the start with one line and code 2; `once` does not look at it', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = other.address();
  const taken = `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  const args = ['--source', 'cgroup', '--listen', taken];
  await using agent = await startAgent({ args });
  expect(await agent.ended()).toBe(2);
  expect(agent.log.map(({ msg }) => msg)).toEqual([
    `podgauge: Cannot listen on ${taken}: another program has it: set --listen (PODGAUGE_LISTEN) to another address, or to off`,
  ]);
  await using single = await startAgent({ args: ['once', ...args] });
  expect(await single.ended()).toBe(0);
  expect(single.output.some(isPoint)).toBe(true);
  other.close();
});

test('two agents that nobody told where to serve both run: the second warns', async () => {
  // An empty variable counts as not set.
  const options = { args: ['--source', 'cgroup', '--period', '1s'], env: { PODGAUGE_LISTEN: '' } };
  await using first = await startAgent(options);
  await until('the first runs', () => first.output.some(isPoint));
  await using second = await startAgent(options);
  await until('the second runs', () => second.output.some(isPoint), { describe: () => JSON.stringify(second.log) });
  const warnings = () => second.log.filter(({ level }) => level === 'warn').map(({ msg }) => msg);
  const isTold = /^Cannot listen on 127\.0\.0\.1:9610: another program has it, so nobody is told/;
  await expect.poll(warnings).toContainEqual(expect.stringMatching(isTold));
});
