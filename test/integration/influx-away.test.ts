/**
 * InfluxDB away, in each way that it can be: below the cap of the queue no point is lost, above it the oldest and no other. What
 * should be there is known from the test's own clock and from what a proxy saw leaving the agent.
 */
import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
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
import { bytesOfCycle, linesOf, range } from '../support/journal.ts';
import { anonymousBytes } from '../support/memory.ts';
import { expectNoHole } from '../support/no-hole.ts';
import { cyclesOf, flatPoint, missingIn, number, pointSet, sequenceOf, storedPoints } from '../support/point-set.ts';
import type { CyclePoints, FlatPoint } from '../support/point-set.ts';
import { writeAccount } from '../support/real-watch.ts';
import type { Account } from '../support/real-watch.ts';
import { until } from '../support/until.ts';

const node = 'node-of-the-away';
const podCount = 40;
const collectors = ['cpu', 'memory', 'pids'];
/** Of each pod: its own, and those of its two containers. */
const pointsOfCycle = podCount * 3;
/** The heartbeat, and a point of each collector. */
const ownOfCycle = 1 + collectors.length;
/** Of series, told every five minutes: one for each measurement. */
const mostOfSeries = 20;
/** Cycles that are left between those that were dropped. */
const mostSpared = 3;
const periods = { whole: 1000, capped: 250 } as const;
type Cluster = keyof typeof periods;
const cap = 1024 * 1024;
/** What the agent may hold beyond what it held before the outage: its queue, and garbage that is not collected yet. */
const memoryAllowance = cap + 24 * 1024 * 1024;

const parts = new AsyncDisposableStack();
let influx: InfluxDbServer;
let proxy: InfluxProxy;
let account: Account;
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
  account = await writeAccount(server, Number(new URL(server.url).port), user.token);
  parts.defer(() => rm(account.folder, { recursive: true }));
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
        ...['--service-account-dir', account.folder, '--node-name', node, '--cluster-name', cluster],
        ...['--period', `${periods[cluster]}ms`, '--influx-url', proxy.url, '--influx-org', influx.org],
        ...['--influx-bucket', influx.bucket, '--collectors', collectors.join(','), ...more],
      ],
      env: { ...account.env, INFLUX_TOKEN: influx.token },
    }),
  );
  const isComplete = async () => (await beatsWhere(cluster, `r.points == ${pointsOfCycle}`)) > 0;
  await until('points of all pods', isComplete, { describe: () => lastWords(agent) });
  return agent;
}

function lastWords(agent: AgentProcess): string {
  return JSON.stringify(agent.log.slice(-20), undefined, 1);
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
  return linesOf(proxy, cluster).map(flatPoint);
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
    await influx.pause();
    await expect.poll(() => lastWords(whole), { timeout: 180_000 }).toContain('no answer within 30000 ms');
    influx.resume();
    await recovered('whole', whole);
  });
});

describe('an outage of a minute', () => {
  let capped: AgentProcess;
  let before: number;
  let most = 0;
  let lastSeen: number;
  const stored: Record<Cluster, FlatPoint[]> = { whole: [], capped: [] };
  const cycles: Record<Cluster, CyclePoints[]> = { whole: [], capped: [] };

  test('is over when InfluxDB is back, for an agent with room and for one without', async () => {
    capped = await start('capped', ['--queue-max-bytes', '1MiB']);
    await setTimeout(5000);
    before = anonymousBytes(capped.pid);
    await proxy.close();
    await influx.kill();
    lastSeen = sequenceOf(cyclesOf(seen('capped')).at(-1));
    for (let second = 0; second < 60; second += 1) {
      await setTimeout(1000);
      most = Math.max(most, anonymousBytes(capped.pid));
    }
    await influx.start();
    await proxy.open();
    await Promise.all([recovered('whole', whole), recovered('capped', capped)]);
    const stoppedAt = Date.now();
    expect([await whole.stop(), await capped.stop()]).toEqual([0, 0]);
    for (const cluster of ['whole', 'capped'] as const) {
      stored[cluster] = await storedPoints(influx, cluster);
      cycles[cluster] = cyclesOf(stored[cluster]);
    }
    const period = periods.whole;
    const wanted = { period, phase: phaseOf(node, period), pointsOfCycle, from: completeSince, to: stoppedAt };
    expectNoHole(cycles.whole, wanted);
  });

  test('costs no point where the queue has room', () => {
    const inInflux = pointSet(stored.whole);
    const inJournal = pointSet(seen('whole'));
    expect(missingIn(inJournal, inInflux)).toEqual([]);
    expect(missingIn(inInflux, inJournal)).toEqual([]);
    expect(cycles.whole.map(sequenceOf)).toEqual(cycles.whole.map((_, i) => i + 1));
    expect(lastCounts(cycles.whole)).toMatchObject({ rejected: 0, dropped: 0 });
  });

  test('costs the oldest points and no others where it has none', () => {
    const sequences = new Set(cycles.capped.map(sequenceOf));
    const missing = range(1, Math.max(...sequences)).filter((each) => !sequences.has(each));
    const [first = 0, last = 0] = [missing[0], missing.at(-1)];
    expect(missing.length).toBeGreaterThan(10);
    expect(first).toBe(lastSeen + 1);
    // What is being sent is not taken back: where that takes longer than two cycles, those after it are dropped.
    expect(range(first, last).filter((each) => sequences.has(each)).length).toBeLessThanOrEqual(mostSpared);

    const journal = cyclesOf(seen('capped')).filter((cycle) => !missing.includes(sequenceOf(cycle)));
    const kept = pointSet(journal.flatMap(({ beat, points, own }) => [beat, ...points, ...own]));
    const inInflux = pointSet(stored.capped);
    expect(missingIn(kept, inInflux)).toEqual([]);
    expect(missingIn(inInflux, kept)).toEqual([]);
    // What was read before the first list was there is told of by a later heartbeat, which is when it had its names.
    const named = cycles.capped.slice(cycles.capped.findIndex(({ beat }) => number(beat, 'points') === pointsOfCycle));
    const told = named.map(({ beat }) => [number(beat, 'sequence'), number(beat, 'points')]);
    expect(named.map((cycle) => [sequenceOf(cycle), cycle.points.length])).toEqual(told);

    const counts = lastCounts(cycles.capped);
    expect(counts.rejected).toBe(0);
    const complete = missing.length * (pointsOfCycle + ownOfCycle);
    expect(counts.dropped).toBeLessThanOrEqual(complete + mostOfSeries);
    // A cycle cut short by its deadline has fewer, on a machine that was busy.
    expect(counts.dropped).toBeGreaterThanOrEqual(complete - counts.late * 3);
  });

  test('never takes more memory than the cap', () => {
    const waiting = Math.max(...cycles.capped.map(({ beat }) => number(beat, 'queue_bytes')));
    expect(waiting).toBeLessThanOrEqual(cap);
    // It was full: a new cycle counts as it is until it is compressed, and has to fit in.
    expect(waiting).toBeGreaterThan(cap - 1.2 * bytesOfCycle(proxy, 'capped'));
    expect(bytesOfCycle(proxy, 'capped')).toBeLessThan(cap / 5);
    expect(most - before).toBeLessThanOrEqual(memoryAllowance);
  });
});

/** Of the last heartbeat that found nothing waiting: all points before it were sent, and are there, or are counted. */
function lastCounts(cycles: readonly CyclePoints[]) {
  const last = cycles.findLastIndex(({ beat }) => number(beat, 'queue_bytes') === 0);
  const count = (name: string) => number(cycles[last]?.beat, name);
  const pointsBefore = cycles.slice(0, last).reduce((sum, { points, own }) => sum + points.length + own.length + 1, 0);
  expect(count('points_sent')).toBe(pointsBefore);
  return { rejected: count('points_rejected'), dropped: count('points_dropped'), late: count('pods_late') };
}
