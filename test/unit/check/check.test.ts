/** All of it, on a made host with scripted servers: the lines in their order, and the exit code. */
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { check } from '../../../src/check/check.ts';
import type { CheckSurroundings } from '../../../src/check/check.ts';
import { everything } from '../../../src/watch/selection.ts';
import { hostTree } from '../../support/host-tree.ts';
import type { HostTree } from '../../support/host-tree.ts';
import { body, podList, refusal, scriptedApi, silence, watchThatStays } from '../../support/scripted-api.ts';
import type { ScriptedApi, Step } from '../../support/scripted-api.ts';
import { reply, startScriptedInflux } from '../../support/scripted-influx.ts';
import type { ScriptedInflux } from '../../support/scripted-influx.ts';
import { load } from '../config/load.ts';
import { app, processes } from '../locate/pod-processes.ts';
import { apiPod, openAccess } from '../watch/running-watch.ts';

const cgroup = '/kubepods/podone';
const healthy = reply(200, '{"name":"influxdb","status":"pass","version":"v2.7.12"}');
const bucket = reply(200, '{"buckets":[{"retentionRules":[{"everySeconds":86400}]}]}');
const node = body(JSON.stringify({ kind: 'Node', metadata: { name: 'node-1' } }));
const pods = podList('7', {
  ...apiPod('one', 'cart'),
  status: {
    phase: 'Running',
    containerStatuses: [{ name: 'main', containerID: `containerd://${app}`, state: { running: {} } }],
  },
});
const wellApi: readonly Step[] = [pods, watchThatStays(), node];

const madeHost = (): Promise<HostTree> =>
  hostTree({
    'sys/fs/cgroup/cgroup.controllers': 'cpu io memory pids\n',
    'sys/fs/cgroup/cgroup.procs': '1\n',
    [`sys/fs/cgroup${cgroup}/memory.current`]: '1\n',
    [`sys/fs/cgroup${cgroup}/${app}/cgroup.procs`]: '11\n',
    ...processes(app, { 11: {} }),
    'proc/11/net/dev': 'Inter-|\n face |\n',
    'proc/self/limits': 'Max open files            65536   65536   files     \n',
  });

interface Scene {
  readonly host: HostTree;
  readonly api?: ScriptedApi;
  readonly influx?: ScriptedInflux;
  readonly signal?: AbortSignal;
  readonly argv?: readonly string[];
}

async function run({ host, api, influx, signal = new AbortController().signal, argv = [] }: Scene) {
  const output = influx === undefined ? [] : ['--influx-url', influx.url.href, '--influx-org', 'o', '--influx-bucket', 'b'];
  const source = api === undefined ? ['--source', 'cgroup'] : ['--kubeconfig', '/not-read'];
  const roots = ['--proc-root', host.procRoot, '--cgroup-root', host.cgroupRoot];
  const config = await load({
    argv: ['check', '--node-name', 'node-1', ...roots, ...output, ...source, ...argv],
    env: influx === undefined ? {} : { INFLUX_TOKEN: 'token' },
  });
  const lines: string[] = [];
  const surroundings: CheckSurroundings = {
    env: {},
    access: api && openAccess(api.url),
    selection: everything,
    pid: 4711,
    print: (line) => lines.push(line),
    now: () => 0,
    wall: Date.now,
    random: () => 0.5,
    wait: (milliseconds, stop) => setTimeout(milliseconds, undefined, { signal: stop }),
  };
  const code = await check(config, surroundings, signal);
  return { code, lines: lines.map((line) => line.replaceAll(host.path, '')) };
}

/** Level and what of each line. */
const heads = (lines: readonly string[]) => lines.map((line) => /^(?:ok|warn|FAIL) +[^:]+/.exec(line)?.[0]?.replace(/ +/, ' '));

test('all well: a line for each thing, and 0', async () => {
  await using host = await madeHost();
  await using api = await scriptedApi();
  await using influx = await startScriptedInflux([healthy, reply(204), bucket]);
  api.script(...wellApi);
  const { code, lines } = await run({ host, api, influx });
  expect(heads(lines)).toEqual([
    'ok configuration',
    'ok cgroups',
    'ok cgroup driver',
    'ok cgroup files',
    'ok SELinux',
    'ok descriptors',
    // The scripted server speaks plain HTTP.
    'warn API server',
    'ok API clock',
    'ok list pods',
    'ok field selector',
    'ok watch pods',
    'ok get node',
    'ok pods found',
    'ok processes',
    'ok pod networks',
    'ok file systems',
    'ok InfluxDB',
    'ok InfluxDB clock',
    'ok InfluxDB write',
    'ok retention',
  ]);
  expect(code).toBe(0);
});

test('without a cluster and without InfluxDB: what this host has, and 0', async () => {
  await using host = await madeHost();
  const { code, lines } = await run({ host });
  expect(heads(lines).slice(-4)).toEqual(['ok processes', 'ok pod networks', 'ok file systems', 'ok output']);
  expect(lines.join('\n')).not.toContain('API');
  expect(code).toBe(0);
});

test('one thing that does not work is 1, and the rest is looked at all the same', async () => {
  await using host = await madeHost();
  await using api = await scriptedApi();
  await using influx = await startScriptedInflux([healthy, reply(204), bucket]);
  api.script(pods, watchThatStays(), refusal(403, 'no'));
  const { code, lines } = await run({ host, api, influx });
  expect(lines.filter((line) => line.startsWith('FAIL'))).toEqual([
    'FAIL  get node:       HTTP 403: no; add {apiGroups: [""], resources: ["nodes"], verbs: ["get"]} to the ClusterRole of its account',
  ]);
  expect(heads(lines).at(-1)).toBe('ok retention');
  expect(code).toBe(1);
});

test('no API server and no cgroups: what stands on them is not looked at', async () => {
  await using host = await hostTree();
  await using api = await scriptedApi();
  api.script(refusal(500, 'etcd'));
  const { code, lines } = await run({ host, api });
  expect(heads(lines)).toEqual([
    'ok configuration',
    'FAIL cgroups',
    'ok SELinux',
    'FAIL API server',
    'ok API clock',
    'ok file systems',
    'ok output',
  ]);
  expect(code).toBe(1);
});

test('whoever stops it gets 1 at once, after what was found so far', async () => {
  await using host = await madeHost();
  await using api = await scriptedApi();
  await using influx = await startScriptedInflux([], () => {});
  const stop = new AbortController();
  api.script(pods, silence());
  void api.request(2).then(() => stop.abort());
  const { code, lines } = await run({ host, api, influx, signal: stop.signal });
  expect(heads(lines).slice(-2)).toEqual(['ok descriptors', 'FAIL check']);
  expect(code).toBe(1);
});
