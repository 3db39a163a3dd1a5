import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createNodeWatch } from '../../../src/watch/node.ts';
import type { NodeWatch } from '../../../src/watch/node.ts';
import { body, refusal, scriptedApi, silence } from '../../support/scripted-api.ts';
import type { ScriptedApi, Step } from '../../support/scripted-api.ts';
import { openAccess, recordingLogger } from './running-watch.ts';

const minutes = 60_000;

interface RunningNode extends AsyncDisposable {
  readonly watch: NodeWatch;
  /** Milliseconds of each wait; the first is the delay of the start. */
  readonly waits: readonly number[];
  readonly clock: { ms: number };
  readonly logged: readonly string[];
  /** Resolves when as many waits were asked for as the test allows. */
  readonly ended: Promise<void>;
}

/** A watch of the node that ends in place of the wait after `rounds` requests, on a clock that only waiting moves. */
function runningNode(url: string, rounds: number): RunningNode {
  const clock = { ms: 0 };
  const waits: number[] = [];
  const logged: string[] = [];
  const controller = new AbortController();
  const watch = createNodeWatch({
    access: openAccess(url),
    node: 'node-1',
    period: 10_000,
    now: () => clock.ms,
    random: () => 0.5,
    async wait(ms) {
      waits.push(ms);
      if (waits.length > rounds) controller.abort();
      else clock.ms += ms;
    },
    log: recordingLogger(logged),
  });
  const ended = watch.run(controller.signal);
  return {
    watch,
    waits,
    clock,
    logged,
    ended,
    async [Symbol.asyncDispose]() {
      controller.abort();
      await ended;
    },
  };
}

function node(cpu: string): Step {
  return body(JSON.stringify({ kind: 'Node', metadata: { name: 'node-1' }, status: { capacity: { cpu } } }));
}

/** What is known, and how long it was waited, after these answers. */
async function after(api: ScriptedApi, ...steps: readonly Step[]) {
  api.script(...steps);
  await using running = runningNode(api.url, steps.length);
  await running.ended;
  const { watch, waits, logged } = running;
  return { cpu: watch.record?.capacity.cpuNanocores, waits: waits.slice(1), logged };
}

test("the node is read from the server's cache, and again after about five minutes", async () => {
  await using api = await scriptedApi();
  const { cpu, waits, logged } = await after(api, node('4'), node('8'));
  expect(cpu).toBe(8_000_000_000);
  expect(waits).toEqual([5 * minutes, 5 * minutes]);
  expect(logged).toEqual([]);
  expect(api.requests.map(({ path, query }) => [path, query])).toEqual([
    ['/api/v1/nodes/node-1', { resourceVersion: '0' }],
    ['/api/v1/nodes/node-1', { resourceVersion: '0' }],
  ]);
});

test('no connection is held between two reads', async () => {
  await using api = await scriptedApi();
  await after(api, node('4'), node('8'));
  expect(api.requests.map(({ connection }) => connection)).toEqual([1, 2]);
});

test('before the first answer nothing is known, and the first request waits for a part of the period', async () => {
  await using api = await scriptedApi();
  await using running = runningNode(api.url, 1);
  await api.request(1);
  expect(running.waits).toEqual([5000]);
  expect(running.watch.record).toBeUndefined();
  api.script(node('4'));
  await running.ended;
});

test('without the right to it, that is logged once, and asked as often as with it', async () => {
  await using api = await scriptedApi();
  const denied = refusal(403, 'nodes "node-1" is forbidden', { 'retry-after': '1' });
  const { cpu, waits, logged } = await after(api, denied, denied, node('4'));
  expect(waits).toEqual([5 * minutes, 5 * minutes, 5 * minutes]);
  expect(cpu).toBe(4_000_000_000);
  expect(logged).toEqual([
    'warn: Cannot read the object of this node: what only it tells is left out: HTTP 403: nodes "node-1" is forbidden',
    'info: Reading the object of this node again',
  ]);
});

test('a failure is followed by a try soon after, ever later, and logged when it lasts', async () => {
  await using api = await scriptedApi();
  const failures = Array.from({ length: 8 }, () => refusal(500, 'etcd is away'));
  const { cpu, waits, logged } = await after(api, node('4'), ...failures);
  expect(cpu).toBe(4_000_000_000);
  expect(waits).toEqual([300_000, 2600, 5100, 10_100, 20_100, 40_100, 80_100, 150_100, 150_100]);
  expect(logged).toEqual(['warn: Cannot read the object of this node: what only it tells is left out: HTTP 500: etcd is away']);
});

test('what the server asks for comes on top of the wait', async () => {
  await using api = await scriptedApi();
  const { waits, logged } = await after(api, refusal(429, 'too many requests', { 'retry-after': '30' }), node('4'));
  expect(waits).toEqual([32_600, 300_000]);
  expect(logged).toEqual([]);
});

test.each([
  ['another object', body('{"kind":"Pod"}')],
  ['no JSON', body('<html>')],
  ['a body without end', body(`{"kind":"Node","x":"${'x'.repeat(5_000_000)}"}`)],
])('%s is no node, and what was known stays', async (_, step) => {
  await using api = await scriptedApi();
  const { cpu, logged } = await after(api, node('4'), step, step);
  expect(cpu).toBe(4_000_000_000);
  expect(logged).toEqual([
    'warn: Cannot read the object of this node: what only it tells is left out: the answer is not a node',
  ]);
});

test('a server that is not there is no reason to end', async () => {
  await using running = runningNode('http://127.0.0.1:1', 3);
  await running.ended;
  expect(running.logged).toHaveLength(1);
});

test('what was read an hour ago is not known any more', async () => {
  await using api = await scriptedApi();
  api.script(node('4'));
  await using running = runningNode(api.url, 1);
  await running.ended;
  running.clock.ms += 60 * minutes - 1;
  expect(running.watch.record).toBeDefined();
  running.clock.ms += 1;
  expect(running.watch.record).toBeUndefined();
});

test('an abort ends the wait for an answer', async () => {
  await using api = await scriptedApi();
  api.script(silence());
  const running = runningNode(api.url, 1);
  await api.request(1);
  await setImmediate();
  await running[Symbol.asyncDispose]();
  expect(running.waits).toHaveLength(1);
  expect(running.logged).toEqual([]);
});
