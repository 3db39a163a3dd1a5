/**
 * The whole program against an InfluxDB that says "not now" and "not all of it", each server in its own words: the first is waited
 * out for as long as it asks, and of the second nothing is lost but the points that it refuses, which are counted.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createScratchFolder } from '../servers/service.ts';
import { startAgent } from '../support/agent-process.ts';
import type { AgentProcess } from '../support/agent-process.ts';
import { cgroupHost } from '../support/cgroup-host.ts';
import { cgroupRootOf } from '../support/own-cgroups.ts';
import { influxError, reply, startScriptedInflux } from '../support/scripted-influx.ts';
import type { Reply, ScriptedInflux } from '../support/scripted-influx.ts';
import { until } from '../support/until.ts';
import { cutLines, parseLine } from '../unit/write/parse-line.ts';
import type { Point } from '../unit/write/parse-line.ts';

const prefix = 'podgauge-answers';
/** Seconds; without being asked it waits at most one after a first failure, and at most two after a second. */
const retryAfter = { limited: 3, busy: 4 };
/** A timer may fire a little before its moment. */
const early = 0.05;
const refusedByInfluxdb2 = 2;
const allRefused = 1 + refusedByInfluxdb2;

/** As InfluxDB 3 does: all but the first line are kept. */
const refuseFirstLine: Reply = (response, received) => {
  const [line] = cutLines(received.body);
  const data = [{ original_line: line, line_number: 1, error_message: 'invalid column type' }];
  const body = JSON.stringify({ error: 'partial write of line protocol occurred', data });
  reply(400, body, { 'Content-Type': 'application/json' })(response, received);
};

/** Monotonic milliseconds at which each request was answered. */
const answeredAt: number[] = [];
const script: readonly Reply[] = [
  influxError(429, 'too many requests', 'write limit reached', { 'Retry-After': String(retryAfter.limited) }),
  influxError(503, 'unavailable', 'shutting down', { 'Retry-After': String(retryAfter.busy) }),
  refuseFirstLine,
  influxError(
    422,
    'unprocessable entity',
    `failure writing points to database: partial write: points beyond retention policy dropped=${refusedByInfluxdb2}`,
  ),
];

const parts = new AsyncDisposableStack();
let influx: ScriptedInflux;
let agent: AgentProcess;
let exitCode: number | null;
/** How many requests had an answer when it was told to end. */
let answered = Infinity;

beforeAll(async () => {
  const { path: folder } = parts.use(await createScratchFolder('influx-answers'));
  const host = parts.use(cgroupHost({ prefix }));
  host.makePod({
    uid: '0b0f4a52-3c1e-4f63-8b0a-3f9a5c7e2d77',
    qos: 'Burstable',
    containers: [{ name: 'any', id: 'a'.repeat(64) }],
  });
  influx = parts.use(await startScriptedInflux(script.map(noted), noted(reply(204))));
  agent = parts.use(
    await startAgent({
      args: [
        ...['--source', 'cgroup', '--cgroup-root', cgroupRootOf(prefix, folder), '--node-name', 'node-of-the-answers'],
        ...['--collectors', 'cpu,memory,pids', '--period', '500ms'],
        ...['--influx-url', influx.url.href, '--influx-org', 'o', '--influx-bucket', 'b'],
      ],
      env: { INFLUX_TOKEN: 'secret' },
    }),
  );
  const isOver = () =>
    beats().some(({ fields }) => fields['points_rejected'] === BigInt(allRefused) && fields['queue_bytes'] === 0n);
  await until('a heartbeat after all was answered', isOver, { describe: () => JSON.stringify(agent.log, undefined, 1) });
  answered = influx.received.length;
  exitCode = await agent.stop();
});

afterAll(() => parts.disposeAsync());

function noted(answer: Reply): Reply {
  return (response, received) => {
    answeredAt.push(performance.now());
    answer(response, received);
  };
}

/** The points of each request that was not told to come again; at the end it may send again what it has no answer to. */
function taken(): readonly (readonly Point[])[] {
  return influx.received.slice(2, answered).map(({ body }) => cutLines(body).map(parseLine));
}

function beats(): readonly Point[] {
  return taken()
    .flat()
    .filter(({ measurement }) => measurement === 'podgauge');
}

test('waits as long as it is asked to, and sends the same again', () => {
  const [limited = '', busy, then] = influx.received.map(({ body }) => body);
  expect(cutLines(limited).length).toBeGreaterThan(1);
  expect([busy, then]).toEqual([limited, limited]);
  const waited = answeredAt.slice(1, 3).map((time, i) => (time - (answeredAt[i] ?? Infinity)) / 1000);
  expect(waited[0]).toBeGreaterThanOrEqual(retryAfter.limited - early);
  expect(waited[1]).toBeGreaterThanOrEqual(retryAfter.busy - early);
});

test('sends no batch again of which some points were refused, and leaves out none', () => {
  const sequences = beats().map(({ fields }) => Number(fields['sequence']));
  expect(sequences.length).toBeGreaterThan(script.length);
  expect(sequences).toEqual(sequences.map((_, i) => i + 1));
  const told = beats().reduce((sum, { fields }) => sum + Number(fields['points']), 0);
  const sent = taken()
    .flat()
    .filter(({ measurement }) => measurement.startsWith('k8s_'));
  expect(sent).toHaveLength(told);
  expect(new Set(sent.map(({ measurement }) => measurement))).toEqual(new Set(['k8s_pod', 'k8s_container']));
  expect(exitCode).toBe(0);
});

test('counts the refused points, and none as dropped', () => {
  const requests = taken();
  const index = requests.findLastIndex((points) => points.some(({ fields }) => fields['queue_bytes'] === 0n));
  const last = requests[index]?.find(({ measurement }) => measurement === 'podgauge');
  const before = requests.slice(0, index).flat().length;
  expect(last?.fields).toMatchObject({
    points_rejected: BigInt(allRefused),
    points_sent: BigInt(before - allRefused),
    points_dropped: 0n,
    sends_failed: 2n,
  });
});

test('says why it waits, when it goes on, and that points were refused', () => {
  const said = agent.log.map(({ msg, reason }) => [msg, reason].filter((part) => part !== undefined).join(': '));
  expect(said.filter((line) => line.startsWith('Target '))).toEqual([
    'Target does not take points: they wait: HTTP 429: write limit reached',
    'Target does not take points: they wait: HTTP 503: shutting down',
    'Target refused some points of a batch: HTTP 400: partial write of line protocol occurred',
    'Target takes points again',
  ]);
});
