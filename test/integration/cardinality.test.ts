/** The budget of series, in the program as users run it: what becomes a tag, which pods are collected, and a flood of pods. */
import { readFile, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startAgent } from '../support/agent-process.ts';
import type { AgentProcess } from '../support/agent-process.ts';
import type { HostTree } from '../support/host-tree.ts';
import { followPoints } from '../support/line-protocol.ts';
import { cpuMicroseconds, endMadePod, madeHost, madePod, runMadePod } from '../support/made-pods.ts';
import type { MadePod } from '../support/made-pods.ts';
import { body, podList, scriptedApi } from '../support/scripted-api.ts';
import type { ScriptedApi, Step } from '../support/scripted-api.ts';
import { cutLines, parseLine } from '../unit/write/parse-line.ts';
import type { Point } from '../unit/write/parse-line.ts';

/** Answers every list with these pods, and keeps every watch open: `send` tells it of changes. */
function answering(api: ScriptedApi, pods: readonly MadePod[]) {
  let watching: ServerResponse | undefined;
  const node = body(JSON.stringify({ kind: 'Node', apiVersion: 'v1', metadata: { name: 'n1' }, status: {} }));
  const list = podList('10', ...pods.map(({ object }) => object));
  const step: Step = (response, request) => {
    if (request.path.startsWith('/api/v1/nodes')) return node(response, request);
    if (!('watch' in request.query)) return list(response, request);
    response.writeHead(200).flushHeaders();
    watching = response;
    return undefined;
  };
  api.script(...Array.from({ length: 1000 }, () => step));
  return {
    send(type: 'ADDED' | 'DELETED', changed: readonly MadePod[]) {
      for (const { object } of changed) watching?.write(`${JSON.stringify({ type, object })}\n`);
    },
  };
}

async function start(host: HostTree, api: ScriptedApi, args: readonly string[]): Promise<AgentProcess> {
  const kubeconfig = join(host.path, 'kubeconfig');
  await writeFile(
    kubeconfig,
    JSON.stringify({
      clusters: [{ name: 'test', cluster: { server: api.url } }],
      users: [{ name: 'test', user: { token: 'any' } }],
      contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
      'current-context': 'test',
    }),
  );
  const given = ['--kubeconfig', kubeconfig, '--node-name', 'n1', '--collectors', 'cpu,state,node'];
  return startAgent({
    args: [...args, ...given, '--proc-root', host.procRoot, '--cgroup-root', host.cgroupRoot],
  });
}

/** What one collection prints of these pods. */
async function collectOnce(pods: readonly MadePod[], args: readonly string[]): Promise<Point[]> {
  await using host = await madeHost();
  await using api = await scriptedApi();
  for (const pod of pods) await runMadePod(host, pod);
  answering(api, pods);
  await using agent = await start(host, api, ['once', ...args]);
  expect(await agent.ended()).toBe(0);
  return agent.output.map(parseLine);
}

function namesOf(points: readonly Point[]): string[] {
  return points
    .filter(({ measurement }) => measurement === 'k8s_pod')
    .map(({ tags }) => tags['pod'] ?? '')
    .toSorted();
}

const web = madePod({
  name: 'web',
  labels: { app: 'web', 'example.com/team': 'red, white', secret: 'x' },
  annotations: { 'example.com/note': 'say "hi"' },
});
const bare = madePod({ name: 'bare' });
const quiet = madePod({ name: 'quiet', annotations: { 'podgauge.io/collect': 'false' } });
const dns = madePod({ name: 'dns', namespace: 'kube-system' });
const every = [web, bare, quiet, dns];

test('labels and annotations are written where they are allowed by name, on every measurement of a pod, and nowhere else', async () => {
  const args = ['--pod-labels=app,example.com/team=team', '--info-labels=app', '--info-annotations=example.com/note'];
  const points = await collectOnce([web, bare], args);
  const tagsOf = (name: string) =>
    points
      .filter(({ tags }) => tags['pod'] === name)
      .map(({ measurement, tags: { app, team } }) => ({ measurement, app, team }));
  const measurements = ['k8s_container', 'k8s_container_info', 'k8s_pod', 'k8s_pod_info'];
  const byName = (a: { measurement: string }, b: { measurement: string }): number => (a.measurement < b.measurement ? -1 : 1);
  expect(tagsOf('web').toSorted(byName)).toEqual(
    measurements.map((measurement) => ({ measurement, app: 'web', team: 'red, white' })),
  );
  expect(tagsOf('bare').toSorted(byName)).toEqual(
    measurements.map((measurement) => ({ measurement, app: 'none', team: 'none' })),
  );
  const info = new Map(
    points.filter(({ measurement }) => measurement === 'k8s_pod_info').map((each) => [each.tags['pod'], each.fields]),
  );
  expect(info.get('web')).toMatchObject({ label_app: 'web', annotation_example_com_note: 'say "hi"' });
  expect(info.get('bare')).toMatchObject({ label_app: '', annotation_example_com_note: '' });
  const others = points.filter(({ tags }) => tags['pod'] === undefined);
  expect(others.filter(({ tags }) => 'app' in tags || 'team' in tags)).toEqual([]);
  expect(JSON.stringify(points, (_, value) => (typeof value === 'bigint' ? String(value) : value))).not.toContain('secret');
});

test.each([
  [[], ['bare', 'dns', 'quiet', 'web'], 0n],
  [['--namespaces=!kube-system'], ['bare', 'quiet', 'web'], 1n],
  [['--namespaces=kube-*'], ['dns'], 3n],
  [['--allow-opt-out=true'], ['bare', 'dns', 'web'], 1n],
  [['--allow-opt-out=true', '--namespaces=shop'], ['bare', 'web'], 2n],
])('with %j the pods are %j, and %s are left out', async (args, names, filtered) => {
  const points = await collectOnce(every, args);
  expect(namesOf(points)).toEqual(names);
  const told = new Set(points.map(({ tags }) => tags['pod']).filter((name) => name !== undefined));
  expect([...told].toSorted()).toEqual(names);
  expect(points.find(({ measurement }) => measurement === 'podgauge')?.fields).toMatchObject({ pods_filtered: filtered });
  // A number of pods without those that are left out would be taken for that of all.
  const node = points.find(({ measurement }) => measurement === 'k8s_node');
  expect(node?.fields['pods']).toBe(filtered === 0n ? 4n : undefined);
});

const cap = 200;
const floodOf = 300;
const atOnce = 4;

test('a flood of pods is bounded in series and complete in its sums, is said once, and is counted', async () => {
  await using host = await madeHost();
  await using api = await scriptedApi();
  const before = madePod({ name: 'before', deployment: 'before' });
  await runMadePod(host, before);
  const { send } = answering(api, [before]);
  const file = join(host.path, 'points.lp');
  await using agent = await start(host, api, ['--period=100ms', '--output', `file:${file}`, `--max-series=${cap}`]);
  const written = followPoints(file);
  let late = 0;
  /** A cycle of so many pods that left nothing of them out for lack of time. */
  const wholeCycleOf = (wanted: number) =>
    written.where(({ pods, pods_late: sofar = 0 }) => {
      const isWhole = sofar === late;
      late = sofar;
      return pods === wanted && isWhole;
    });
  await wholeCycleOf(1);

  // Every other one is a bare pod, which is its own workload.
  const flood = Array.from({ length: floodOf }, (_, i) =>
    madePod({ name: `flood-${i}`, ...(i % 2 === 0 && { deployment: 'flood' }) }),
  );
  let series = 0;
  for (let from = 0; from < flood.length; from += atOnce) {
    const wave = flood.slice(from, from + atOnce);
    for (const pod of wave) await runMadePod(host, pod);
    send('ADDED', wave);
    ({ beat: { series = 0 } = {} } = await wholeCycleOf(1 + atOnce));
    send('DELETED', wave);
    for (const pod of wave) await endMadePod(host, pod);
    await wholeCycleOf(1);
  }
  const { beat } = await written.where(({ series_folded: folded }) => folded === 0);
  expect(beat['points_rejected']).toBe(0);
  expect(await agent.stop()).toBe(0);

  const points = cutLines(await readFile(file, 'utf8')).map(parseLine);
  const distinct = new Set(points.map(({ measurement, tags }) => `${measurement} ${JSON.stringify(tags)}`));
  expect(distinct.size).toBeLessThan(cap * 1.15);
  expect(distinct.size).toBeGreaterThan(cap * 0.9);
  expect(Math.abs(series - distinct.size)).toBeLessThan(cap * 0.1);

  // Who was there before keeps its name to the end.
  expect(points.findLast(({ measurement }) => measurement === 'k8s_pod')?.tags['pod']).toBe('before');
  const named = new Set(namesOf(points).filter((name) => name !== '*' && name !== 'before'));
  expect(named.size).toBeGreaterThan(20);
  for (const measurement of ['k8s_pod', 'k8s_container']) {
    const folded = points.filter((point) => point.measurement === measurement && point.tags['pod'] === '*');
    expect(new Set(folded.map(({ tags }) => tags['workload']))).toEqual(new Set(['flood', '*']));
    const totals = new Map<string, bigint>();
    for (const { tags, fields } of folded) {
      const total = fields['cpu_usage_core_nanoseconds'];
      if (typeof total !== 'bigint') throw new Error('A folded point without CPU time');
      expect(total >= (totals.get(JSON.stringify(tags)) ?? 0n)).toBe(true);
      totals.set(JSON.stringify(tags), total);
    }
    const sum = [...totals.values()].reduce((one, other) => one + other, 0n);
    expect(sum).toBe(BigInt((floodOf - named.size) * cpuMicroseconds * 1000));
  }
  expect(agent.complaints.map(({ msg, maxSeries }) => [msg, maxSeries])).toEqual([
    [expect.stringContaining('The cap of series is reached'), cap],
  ]);
  const perMeasurement = new Map(
    points
      .filter(({ measurement }) => measurement === 'podgauge_series')
      .map(({ tags, fields }) => [tags['measurement'], fields['series']]),
  );
  for (const measurement of ['k8s_pod', 'k8s_container', 'k8s_pod_info', 'k8s_container_info']) {
    const own = [...distinct].filter((key) => key.startsWith(`${measurement} `)).length;
    expect(Math.abs(Number(perMeasurement.get(measurement)) - own)).toBeLessThanOrEqual(Math.max(2, own / 10));
  }
});
