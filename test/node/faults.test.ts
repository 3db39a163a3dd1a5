/**
 * podgauge on a real Kubernetes node where parts fail: whatever was killed, points of all that runs flow again within 30 s of the start
 * of its container, and nothing is written of a pod that is gone. The kubelet of this test waits a second at most before it starts a
 * container again, so that twenty kills take minutes and not hours.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isReady, type ApiObject } from '../servers/api-client.ts';
import { agentIn, containerStatus, startedAt } from '../support/install/agent.ts';
import { beatsOf, byRun, jumps, type Beats } from '../support/install/beats.ts';
import { containerIds, firstPoints, runningSeries, type Series } from '../support/install/flow.ts';
import { commandsOf } from '../support/install/page.ts';
import { startSite, type Site } from '../support/install/site.ts';
import { toolsPod, untilPods } from '../support/node-pods.ts';
import { runPodKinds, staticPod } from '../support/pod-kinds.ts';
import { until } from '../support/until.ts';

/** What is promised, from the start of the agent's container (milliseconds). */
const promised = 30_000;
/** How long a test may take: what hangs is found all the same. */
const patient = { timeout: 1_800_000 };
const outage = 120_000;
const kills = { wanted: 20, done: 0 };
const own = 'k8s_container podgauge';

const parts = new AsyncDisposableStack();
let site: Site;
let beats: Beats;
/** Name of a pod that is gone → the time after which there may be none of such points of it, in Flux. */
const gone = new Map<string, { readonly at: number; readonly points: string }>();

beforeAll(async () => {
  const fleeting = { ...staticPod, metadata: { ...staticPod.metadata, name: 'fleeting' } };
  site = parts.use(await startSite({ staticPods: [staticPod, fleeting], longestBackOff: '1s' }));
  const { admin, cluster, settings } = site;
  await runPodKinds(cluster);
  for (const command of await commandsOf('With Helm')) {
    if (command.startsWith('helm install')) await admin.sh(`${command} ${settings}`);
    else if (!command.includes(' test ')) await admin.sh(command);
  }
  beats = beatsOf(site, 'staging');
});

afterAll(() => parts.disposeAsync());

async function podsOnNode(): Promise<readonly ApiObject[]> {
  return (await site.cluster.api.request('GET', '/api/v1/pods')).items ?? [];
}

/** By the worker's clock, whose times points have. */
const now = () => site.cluster.worker.clock();

async function make(name: string): Promise<void> {
  const { api, nodeName } = site.cluster;
  await api.createPods([toolsPod({ name, containers: [{ name: 'main' }] }, nodeName)]);
  await untilPods(api, [name]);
}

/** To be called when it is gone. A cycle may be under way, all of whose points have the time of its beat, and the event on its way. */
async function isGone(pod: string, points = 'true'): Promise<void> {
  const [, , last] = await beats.next(3, await now());
  gone.set(pod, { at: last?.time ?? Infinity, points });
}

/** Three cycles more, and of no pod that is gone anything was written since. */
async function expectNothingStale(): Promise<void> {
  await beats.next(3, await now());
  for (const [pod, { at, points }] of gone) expect(await beats.points(at, `r.pod == "${pod}" and ${points}`), pod).toEqual([]);
}

/**
 * Points of all of these come after a moment, and in time: 30 s after the start of the agent's container, or of what they are of where
 * that was later.
 */
async function expectFlow(after: number, wanted: Series, from = after): Promise<void> {
  const first = await firstPoints(beats, after, [...wanted.keys()]);
  const late = [...wanted].filter(([series, since]) => (first.get(series) ?? Infinity) > Math.max(from, since) + promised);
  expect(late).toEqual([]);
}

/**
 * Kills the agent: of its user, whom its sandbox is too, the one process that runs the bundle. Resolves with the time at which the next
 * one says that it started, when it says so.
 */
async function kill(): Promise<number> {
  const killedAt = await now();
  const script = `
    for status in $(grep -sl '^Uid:.19610' /proc/[0-9]*/status); do
      folder=\${status%/status}
      if grep -sq podgauge.mjs "$folder/cmdline"; then
        kill -KILL "\${folder#/proc/}" && echo "killed \${folder#/proc/}"
      fi
    done`;
  expect((await site.cluster.worker.run('bash', '-c', script)).stdout).toMatch(/^killed \d+\n$/);
  kills.done += 1;
  let run = 0;
  await until(
    'the next run of the agent',
    async () => (run = (await beats.since(killedAt)).findLast((beat) => beat.run > killedAt)?.run ?? 0) > 0,
  );
  return run;
}

/** Nothing of the agent's was hurt: the same run, no cycle lost, and none late by more than is promised, from a moment on. */
async function expectOneRun(since: number): Promise<void> {
  const all = await beats.since(since);
  expect(byRun(all)).toHaveLength(1);
  expect(jumps(all)).toEqual([]);
  const gaps = all.slice(1).map(({ time }, i) => time - (all[i]?.time ?? 0));
  expect(Math.max(...gaps)).toBeLessThanOrEqual(promised);
}

test('the API server is gone for two minutes: points flow on, and again after each kill meanwhile', patient, async () => {
  const { cluster } = site;
  const before = await now();
  const running = runningSeries((await podsOnNode()).filter(({ metadata }) => metadata.name !== 'fleeting-worker'));
  await firstPoints(beats, 0, [...running.keys(), 'k8s_pod fleeting-worker']);
  const uid = await cluster.kubectl(
    'get',
    'pod',
    'fleeting-worker',
    String.raw`--output=jsonpath={.metadata.annotations.kubernetes\.io/config\.hash}`,
  );
  await cluster.server.kill();
  const goneAt = await now();

  // The kubelet needs nobody for its own pods.
  const cgroups = async () => (await cluster.worker.run('find', '/sys/fs/cgroup/kubepods', '-name', `pod${uid}`)).stdout;
  expect(await cgroups()).not.toBe('');
  await rm(join(cluster.folder, 'static-pods/1.json'));
  await until('the cgroups of the pod to go', async () => (await cgroups()) === '');
  // The API server will tell of it when it is back, until the kubelet has told it.
  await isGone('fleeting-worker', 'r._measurement !~ /_info$/');
  await expectFlow(await now(), running);
  await expectOneRun(before);

  // Of its own new container nobody knows the name.
  const known = new Map([...running].filter(([series]) => !series.startsWith(own)));
  let run: number;
  do {
    run = await kill();
    // When its container started the API server would tell.
    await expectFlow(run, known);
  } while ((await now()) < goneAt + outage);
  await expectNothingStale();
  const backAt = await now();
  await cluster.server.start();
  await until('the points that were held', async () => {
    const rows = await beats.points(run, 'r._measurement == "k8s_container" and r.container == "podgauge"');
    return rows.some(({ _time }) => Date.parse(String(_time)) < backAt);
  });
  await until('the kubelet to tell', async () =>
    (await podsOnNode()).every(({ metadata }) => metadata.name !== 'fleeting-worker'),
  );
  await isGone('fleeting-worker');
  await expectFlow(backAt, running);
  await expectNothingStale();
  console.log(`${kills.done} kills within ${((await now()) - goneAt) / 1000} s without an API server`);
});

test.each(['kubelet', 'containerd'] as const)('%s is killed and starts again: no cycle is lost', async (daemon) => {
  const { cluster } = site;
  const doomed = `doomed-by-${daemon}`;
  await make(doomed);
  await firstPoints(beats, 0, [`k8s_container ${doomed} main`]);
  const before = await now();
  // At once, whatever its node says.
  await cluster.kubectl('delete', 'pod', doomed, '--force', '--grace-period=0');
  await Promise.all([cluster.node.restart(daemon), isGone(doomed)]);
  const newcomer = `after-${daemon}`;
  await make(newcomer);
  await expectFlow(await now(), runningSeries(await podsOnNode()));
  await expectOneRun(before);
  await expectNothingStale();
});

test('the node loses its power and starts again', patient, async () => {
  const { cluster } = site;
  await make('doomed-by-reboot');
  await firstPoints(beats, 0, ['k8s_container doomed-by-reboot main']);
  const before = await podsOnNode();
  const ids = containerIds(before);
  await cluster.node.reboot(async () => {
    await cluster.kubectl('delete', 'pod', 'doomed-by-reboot', '--force', '--grace-period=0');
    // Its node has no clock now.
    gone.set('doomed-by-reboot', { at: Date.now(), points: 'true' });
  });
  const names = before.map(({ metadata }) => metadata.name).filter((name) => name !== 'doomed-by-reboot');
  const renewed = await untilPods(cluster.api, names, (pod) => isReady(pod) && containerIds([pod]).isDisjointFrom(ids));
  const told = await now();
  const from = startedAt(await agentIn(cluster, 'podgauge'));
  // Of what started after it the agent knows when the API server does.
  const wanted = Array.from(runningSeries(renewed), ([series, since]) => [series, since > from ? told : since] as const);
  await expectFlow(from, new Map(wanted));
  await expectNothingStale();
});

test('it is killed for the twentieth time', patient, async () => {
  const { cluster } = site;
  const running = runningSeries(await podsOnNode());
  do {
    let agent = await agentIn(cluster, 'podgauge');
    const { restartCount } = containerStatus(agent);
    const run = await kill();
    await until('the API server to know', async () => {
      agent = await agentIn(cluster, 'podgauge');
      const status = containerStatus(agent);
      return status.restartCount > restartCount && status.state.running !== undefined;
    });
    await expectFlow(run, running, startedAt(agent));
  } while (kills.done < kills.wanted);
  await expectNothingStale();
});
