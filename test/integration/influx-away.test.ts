/**
 * InfluxDB away, in each way that it can be: below the cap of the queue no point is lost, above it the oldest and no other. What
 * should be there is known from the test's own clock and from what a proxy saw leaving the agent.
 */
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { phaseOf } from '../../src/grid.ts';
import { startApiServer } from '../servers/api-server.ts';
import { startInfluxDb } from '../servers/influxdb.ts';
import type { InfluxDbServer } from '../servers/influxdb.ts';
import { startAgent } from '../support/agent-process.ts';
import type { AgentProcess } from '../support/agent-process.ts';
import { runBoundPods } from '../support/bound-pods.ts';
import type { BoundPodSpec } from '../support/bound-pods.ts';
import { cgroupHost } from '../support/cgroup-host.ts';
import { startInfluxProxy } from '../support/influx-proxy.ts';
import type { Behaviour, InfluxProxy } from '../support/influx-proxy.ts';
import { anonymousBytes } from '../support/memory.ts';
import { flatPoint, inOrder, isBeat, missingIn, number, pointSet, seriesByTime, storedPoints } from '../support/point-set.ts';
import type { FlatPoint } from '../support/point-set.ts';
import { until } from '../support/until.ts';

const node = 'node-of-the-away';
const podCount = 40;
/** Of each pod: its own, and those of its two containers. */
const pointsOfCycle = podCount * 3;
const periods = { whole: 1000, capped: 250 } as const;
type Cluster = keyof typeof periods;
const clusters = ['whole', 'capped'] as const;
const cap = 1024 * 1024;
/** What the agent may hold beyond what it held before the outage: its queue, and garbage that is not collected yet. */
const memoryAllowance = cap + 24 * 1024 * 1024;
/** Cycles that a test machine may have been too busy for; the agent counts each. */
const mostSkipped = 3;

const parts = new AsyncDisposableStack();
let influx: InfluxDbServer;
let proxy: InfluxProxy;
let folder: string;
let whole: AgentProcess;
let completeSince: number;

beforeAll(async () => {
  const user = { name: 'agent', token: 'token-of-the-agent' };
  const server = parts.use(await startApiServer({ users: [user] }));
  influx = parts.use(await startInfluxDb());
  proxy = parts.use(await startInfluxProxy(influx.url));
  await server.api.createNode(node);
  await server.api.allowReading(user.name);
  const host = parts.use(cgroupHost({ prefix: 'podgauge-away' }));
  await runBoundPods(server.api, host, podSpecs());
  folder = await mkdtemp(join(tmpdir(), 'podgauge-away-'));
  parts.defer(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'kubeconfig'), server.kubeconfig(user));
  await writeFile(join(folder, 'token'), influx.token);
  whole = await start('whole');
  completeSince = Date.now();
}, 1_800_000);

afterAll(() => parts.disposeAsync());

/** Names of random letters do not shrink, so that few pods fill a queue of a MiB. One pod in ten is busy. */
function podSpecs(): BoundPodSpec[] {
  return Array.from({ length: podCount }, (_, i) => ({
    name: `web-${digest(`pod ${i}`)}`,
    node,
    containers: [0, 1].map((n) => ({
      name: digest(`container ${i} ${n}`).slice(0, 60),
      ...(n === 0 && i % 10 === 0 && { command: ['/bin/sh', '-c', 'while :; do sleep 0.05; done'] }),
    })),
  }));
}

function digest(text: string): string {
  return createHash('sha512').update(text).digest('hex');
}

/** Resolves when the agent's points of all pods have arrived. */
async function start(cluster: Cluster, more: readonly string[] = []): Promise<AgentProcess> {
  const agent = parts.use(
    await startAgent({
      args: [
        ...['--kubeconfig', join(folder, 'kubeconfig'), '--node-name', node, '--cluster-name', cluster],
        ...['--period', `${periods[cluster]}ms`, '--influx-url', proxy.url, '--influx-org', influx.org],
        ...['--influx-bucket', influx.bucket, '--influx-token-file', join(folder, 'token'), ...more],
      ],
    }),
  );
  const complete = `r.points == ${pointsOfCycle}`;
  await until('points of all pods', async () => (await beatsWhere(cluster, complete)) > 0, {
    describe: () => lastWords(agent),
  });
  return agent;
}

function lastWords(agent: AgentProcess): string {
  return agent.log
    .slice(-20)
    .map((line) => JSON.stringify(line))
    .join('\n');
}

/** How many heartbeats InfluxDB has for which the condition on `points`, `queue_bytes` and `_time` holds. */
async function beatsWhere(cluster: Cluster, condition: string): Promise<number> {
  const rows = await influx.query(`from(bucket: "${influx.bucket}") |> range(start: -1h)
    |> filter(fn: (r) => r._measurement == "podgauge" and r.cluster == "${cluster}" and (r._field == "points" or r._field == "queue_bytes"))
    |> pivot(rowKey: ["_time"], columnKey: ["_field"], valueColumn: "_value") |> filter(fn: (r) => ${condition})`);
  return rows.length;
}

/** Resolves when InfluxDB has a heartbeat of after now that found nothing waiting. */
async function recovered(cluster: Cluster, agent: AgentProcess): Promise<void> {
  const condition = `r.queue_bytes == 0 and r._time > ${new Date().toISOString()}`;
  await until('the queue to be empty', async () => (await beatsWhere(cluster, condition)) > 0, {
    seconds: 90,
    describe: () => lastWords(agent),
  });
}

function seen(cluster: Cluster): FlatPoint[] {
  const mark = `,cluster=${cluster},`;
  return Array.from(
    Iterator.from(proxy.journal).filter((line) => line.includes(mark)),
    flatPoint,
  );
}

describe('an agent whose queue has room', () => {
  test.each<[string, Behaviour]>([
    ['takes points and its answers get lost', 'lose'],
    ['is behind a network that resets connections', 'reset'],
    ['answers 503 with Retry-After', 'unavailable'],
  ])('goes on when InfluxDB %s', async (_, behaviour) => {
    proxy.behave(behaviour);
    await setTimeout(6000);
    proxy.behave('pass');
    expect(proxy.met[behaviour]).toBeGreaterThanOrEqual(2);
    await recovered('whole', whole);
  });

  test('goes on when InfluxDB hangs for longer than a request may take', async () => {
    influx.pause();
    await setTimeout(33_000);
    influx.resume();
    expect(lastWords(whole)).toContain('no answer within 30000 ms');
    await recovered('whole', whole);
  });
});

describe('an outage of a minute', () => {
  let capped: AgentProcess;
  let before: number;
  let during: number;
  let lastSeen: number;
  const stored: Record<Cluster, FlatPoint[]> = { whole: [], capped: [] };

  test('is over when InfluxDB is back, for an agent with room and for one without', async () => {
    capped = await start('capped', ['--queue-max-bytes', '1MiB']);
    await setTimeout(5000);
    before = anonymousBytes(capped.pid);
    await Promise.all([influx.kill(), proxy.close()]);
    lastSeen = Math.max(
      ...seen('capped')
        .filter(isBeat)
        .map((beat) => number(beat, 'sequence')),
    );
    await setTimeout(60_000);
    during = anonymousBytes(capped.pid);
    await influx.start();
    await proxy.open();
    await Promise.all([recovered('whole', whole), recovered('capped', capped)]);
    const stoppedAt = Date.now();
    expect([await whole.stop(), await capped.stop()]).toEqual([0, 0]);
    for (const cluster of clusters) stored[cluster] = await storedPoints(influx, cluster);
    expectNoHole(stored.whole, completeSince, stoppedAt);
  });

  test('costs no point where the queue has room', () => {
    const inInflux = pointSet(stored.whole);
    const inJournal = pointSet(seen('whole'));
    expect(missingIn(inJournal, inInflux)).toEqual([]);
    expect(missingIn(inInflux, inJournal)).toEqual([]);
    const beats = inOrder(stored.whole.filter(isBeat));
    expect(beats.map((beat) => number(beat, 'sequence'))).toEqual(beats.map((_, i) => i + 1));
    expectAllAccounted(beats, 0);
    expect(number(beats.at(-1), 'points_dropped')).toBe(0);
  });

  test('costs the oldest points and no others where it has none', () => {
    const beats = inOrder(stored.capped.filter(isBeat));
    const sequences = new Set(beats.map((beat) => number(beat, 'sequence')));
    const missing = Array.from({ length: Math.max(...sequences) }, (_, i) => i + 1).filter((each) => !sequences.has(each));
    expect(missing.length).toBeGreaterThan(10);
    expect(missing).toEqual(missing.map((_, i) => (missing[0] ?? 0) + i));
    // The last that left before the outage may have been on its way.
    expect(missing[0]).toBeOneOf([lastSeen, lastSeen + 1]);

    const journal = seen('capped');
    const sequenceAt = new Map(journal.filter(isBeat).map((beat) => [beat.time, number(beat, 'sequence')]));
    const kept = pointSet(journal.filter(({ time }) => !missing.includes(sequenceAt.get(time) ?? 0)));
    const inInflux = pointSet(stored.capped);
    expect(missingIn(kept, inInflux)).toEqual([]);
    expect(missingIn(inInflux, kept)).toEqual([]);
    const series = seriesByTime(stored.capped);
    for (const beat of beats) expect(series.get(beat.time)?.size).toBe(number(beat, 'points') + 1);

    expect(number(beats.at(-1), 'points_dropped')).toBe(missing.length * (pointsOfCycle + 1));
    expectAllAccounted(beats, missing.length);
  });

  test('never takes more memory than the cap', () => {
    const beats = stored.capped.filter(isBeat);
    const waiting = beats.map((beat) => number(beat, 'queue_bytes'));
    expect(Math.max(...waiting)).toBeLessThanOrEqual(cap);
    console.log({ before, during, most: Math.max(...waiting) });
    // It was full.
    expect(Math.max(...waiting)).toBeGreaterThan(cap * 0.9);
    expect(during - before).toBeLessThanOrEqual(memoryAllowance);
  });
});

/** Every period of the time between two looks at the test's own clock has its cycle, with a point of every series. */
function expectNoHole(points: readonly FlatPoint[], from: number, to: number): void {
  const period = periods.whole;
  // A timer may fire a little before its moment.
  const slotOf = (time: number) => Math.floor((time - phaseOf(node, period) + 50) / period);
  const cycles = Array.from(seriesByTime(points)).filter(([time]) => time > from && time < to);
  const all = new Set(points.filter(({ time }) => time > from).map(({ series }) => series));
  expect(all.size).toBe(pointsOfCycle + 1);
  expect(cycles.filter(([, series]) => series.size !== all.size)).toEqual([]);

  const slots = new Set(cycles.map(([time]) => slotOf(time)));
  const expected = Array.from({ length: slotOf(to) - slotOf(from) - 1 }, (_, i) => slotOf(from) + 1 + i);
  const holes = expected.filter((slot) => !slots.has(slot));
  const lastBeat = inOrder(points.filter(isBeat)).at(-1);
  expect(holes.length).toBeLessThanOrEqual(Math.min(mostSkipped, number(lastBeat, 'cycles_skipped')));
}

/** The last heartbeat that found nothing waiting has told what became of every point before it. */
function expectAllAccounted(beats: readonly FlatPoint[], missingCycles: number): void {
  const last = beats.findLast((beat) => number(beat, 'queue_bytes') === 0);
  const sequence = number(last, 'sequence');
  let points = missingCycles * (pointsOfCycle + 1);
  for (const beat of beats) if (number(beat, 'sequence') < sequence) points += number(beat, 'points') + 1;
  const became = ['points_sent', 'points_rejected', 'points_dropped'].map((field) => number(last, field));
  expect(became.reduce((sum, each) => sum + each, 0)).toBe(points);
  expect(number(last, 'points_rejected')).toBe(0);
}
