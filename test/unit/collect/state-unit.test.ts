import { expect, test } from 'vitest';
import { createPodTags } from '../../../src/collect/pod-tags.ts';
import { openStateUnit } from '../../../src/collect/state-unit.ts';
import type { Container, ContainerState, Pod, PodProperty, PodState } from '../../../src/model.ts';
import { hostOf, named } from './host-of.ts';
import { podTags, running, target } from './target-of.ts';

const minutes = 60_000;
const id = (letter: string): string => letter.repeat(64);

function container(api: Partial<ContainerState> = {}, change: Partial<Container> = {}): Container {
  return { ...running('app', 'a'), api: { kind: 'container', requests: {}, limits: {}, ...api }, ...change };
}

function pod(containers: readonly Container[], state: Partial<PodState> = {}, change: Partial<Pod> = {}): Pod {
  const api = { phase: 'Running', terminating: false, requests: {}, limits: {}, ...state };
  return target({ api, ...change }, containers).pod;
}

/** A node of v1, whose pods' own cgroups count no kills, unless `version` says otherwise. */
async function stateOf({ version = 1, infoFields = [] }: { version?: 1 | 2; infoFields?: readonly PodProperty[] } = {}) {
  const file = version === 2 ? 'cgroup.controllers' : 'memory/memory.usage_in_bytes';
  const one = await hostOf({ [`sys/fs/cgroup/${file}`]: '0\n' });
  const pods = new Map<string, Pod>();
  const tags = createPodTags({
    nodeTags: { cluster: 'c', node: 'n' },
    properties: [],
    nameBy: () => 'own',
    exists: (uid) => pods.has(uid),
  });
  const unit = openStateUnit({ host: one.host, podTags: tags, infoFields, pods: () => pods });
  return {
    ...one,
    unit,
    pods,
    /** What is written when the API server says this of the pod. */
    read(next?: Pod) {
      if (next !== undefined) pods.set(next.uid, next);
      return unit.read(one.clock.time).map(named);
    },
  };
}

test('a pod and its containers are written when they come', async () => {
  const { read } = await stateOf();
  const [app, whole, ...rest] = read(pod([container({ ready: true, restartCount: 1 })]));
  expect(app).toMatchObject({
    measurement: 'k8s_container_info',
    tags: { ...podTags, container: 'app' },
    fields: { state: 'running', ready: true, restarts: 1, id: id('a') },
  });
  expect(whole).toMatchObject({
    measurement: 'k8s_pod_info',
    tags: podTags,
    fields: { uid: 'u1', phase: 'Running', restarts: 1 },
  });
  expect(rest).toEqual([]);
});

test('then when something changed, and every 5 minutes; the first time sooner, so that not all are written at once', async () => {
  const { read, clock } = await stateOf();
  const one = pod([container()]);
  expect(read(one)).toHaveLength(2);
  expect(read(one)).toEqual([]);
  expect(read(pod([container({ ready: true })]))).toHaveLength(2);
  clock.time += 5 * minutes - 1;
  expect(read()).toEqual([]);
  clock.time += 1;
  expect(read()).toHaveLength(2);
  clock.time += 5 * minutes - 1;
  expect(read()).toEqual([]);
  clock.time += 1;
  expect(read()).toHaveLength(2);
});

test('pods that nothing changes of are written at moments of their own', async () => {
  const { read, clock, pods } = await stateOf();
  for (let index = 0; index < 100; index += 1) {
    const uid = `u${index}`;
    pods.set(uid, pod([], {}, { uid }));
  }
  expect(read()).toHaveLength(100);
  const perMinute: number[] = [];
  for (let minute = 0; minute < 5; minute += 1) {
    clock.time += minutes;
    perMinute.push(read().length);
  }
  expect(perMinute.reduce((sum, count) => sum + count)).toBe(100);
  expect(Math.max(...perMinute)).toBeLessThan(50);
});

test.each([
  [
    'Pending',
    { name: 'app', state: 'waiting' },
    { waitingReason: 'ContainerCreating' },
    { waiting_reason: 'ContainerCreating', id: '' },
  ],
  [
    'Failed',
    { name: 'app', state: 'terminated' },
    { termination: { reason: 'Error', exitCode: 1 } },
    { exit_reason: 'Error', exit_code: 1 },
  ],
] as const)('a pod without a cgroup is written too: %s', async (phase, base, api, fields) => {
  const { read } = await stateOf();
  const without: Container = { ...base, api: { kind: 'container', requests: {}, limits: {}, ...api } };
  expect(read(pod([without], { phase })).map((reading) => reading.fields)).toMatchObject([fields, { phase }]);
});

test('init, sidecar and ephemeral containers are points of their own kind', async () => {
  const { read } = await stateOf();
  const kinds = ['container', 'init', 'sidecar', 'ephemeral'] as const;
  const readings = read(pod(kinds.map((kind) => container({ kind }, { name: `the-${kind}` }))));
  expect(readings.slice(0, -1).map(({ tags, fields }) => [tags['container'], fields.kind])).toEqual(
    kinds.map((kind) => [`the-${kind}`, kind]),
  );
});

test('a reason that is over is an empty text, so that it is not the last value for ever', async () => {
  const { read } = await stateOf();
  const waiting = container({ waitingReason: 'CrashLoopBackOff' }, { state: 'waiting' });
  expect(read(pod([waiting], { reason: 'NodeLost' }))).toMatchObject([
    { fields: { waiting_reason: 'CrashLoopBackOff' } },
    { fields: { reason: 'NodeLost' } },
  ]);
  expect(read(pod([container()]))).toMatchObject([{ fields: { waiting_reason: '' } }, { fields: { reason: '' } }]);
});

test('labels that are wanted are fields after all others, and an empty text when they were taken away', async () => {
  const { unit, pods } = await stateOf({ infoFields: [{ from: 'label', key: 'version', name: 'label_version' }] });
  const last = (next: Pod): unknown => {
    pods.set(next.uid, next);
    return unit.read(Infinity).at(-1)?.values.at(-1);
  };
  expect(last(pod([], {}, { labels: { version: '1.2' } }))).toBe('1.2');
  expect(last(pod([]))).toBe('');
});

test('what is known from the cgroup tree alone has no state', async () => {
  const { read } = await stateOf();
  expect(read(target().pod)).toEqual([]);
});

test('tags are the same objects from point to point, and others when those of the pod changed', async () => {
  const { unit, pods } = await stateOf();
  const tagsOf = (next: Pod) => {
    pods.set(next.uid, next);
    return unit.read(Infinity).map((reading) => reading.series.tags);
  };
  const first = tagsOf(pod([container()]));
  const second = tagsOf(pod([container({ ready: true })]));
  expect(second[0]).toBe(first[0]);
  expect(second[1]).toBe(first[1]);
  expect(tagsOf(pod([container()], {}, { qos: 'Burstable' })).map((tags) => tags['qos'])).toEqual(['Burstable', 'Burstable']);
});

const killed = (letter: string, finishedAt = 5000) => ({
  reason: 'OOMKilled',
  exitCode: 137,
  finishedAt,
  containerId: id(letter),
});

/** What the points say: of the container, and of the pod. */
function kills(readings: readonly ReturnType<typeof named>[]): unknown {
  return readings.map(({ fields }) => fields.oom_kills);
}

test('an end for lack of memory counts once, however often it is told: as the present one, then as the last', async () => {
  const { read, clock } = await stateOf();
  expect(kills(read(pod([container()])))).toEqual([0, 0]);
  expect(kills(read(pod([container({ termination: killed('a') }, { state: 'terminated' })])))).toEqual([1, 1]);
  expect(kills(read(pod([container({ lastTermination: killed('a') }, { id: id('b') })])))).toEqual([1, 1]);
  clock.time += 5 * minutes;
  expect(kills(read())).toEqual([1, 1]);
  const again = container(
    { termination: killed('b', 6000), lastTermination: killed('a') },
    { id: id('b'), state: 'terminated' },
  );
  expect(kills(read(pod([again])))).toEqual([2, 2]);
  expect(kills(read(pod([container({ lastTermination: killed('b', 6000) }, { id: id('c') })])))).toEqual([2, 2]);
});

test('two ends that are told at once are two, and never again', async () => {
  const { read } = await stateOf();
  const two = { termination: killed('b', 6000), lastTermination: killed('a') };
  expect(kills(read(pod([container(two, { id: id('b') })])))).toEqual([2, 2]);
  expect(kills(read(pod([container({ ...two, ready: false }, { id: id('b') })])))).toEqual([2, 2]);
  expect(kills(read(pod([container({ lastTermination: killed('b', 6000) }, { id: id('c') })])))).toEqual([2, 2]);
});

test('other ends are no kills, nor are those before podgauge started', async () => {
  const { read } = await stateOf();
  const before = killed('a', -1);
  const other = { ...killed('b'), reason: 'Error' };
  expect(kills(read(pod([container({ termination: other, lastTermination: before })])))).toEqual([0, 0]);
});

test('kills of all containers are the sum of the pod, each container has its own', async () => {
  const { read } = await stateOf();
  const app = container({ lastTermination: killed('a') });
  const log = container({ lastTermination: killed('b') }, { name: 'log' });
  const init = container({ kind: 'init' }, { name: 'init' });
  expect(kills(read(pod([app, log, init])))).toEqual([1, 1, 0, 2]);
});

test('where the cgroup counts (v2) it tells of no kill before it was read, and a kill that is read is written at once', async () => {
  const { read, host } = await stateOf({ version: 2 });
  const one = pod([container()]);
  expect(kills(read(one))).toEqual([0, undefined]);
  const ofCgroup = host.oomKills.hold('u1');
  ofCgroup.counted(3);
  expect(kills(read())).toEqual([0, 3]);
  expect(read()).toEqual([]);
  ofCgroup.release();
});

test('a pod that went leaves nothing: when it comes again it is a new one', async () => {
  const { read, pods } = await stateOf();
  const dead = pod([container({ termination: killed('a') })]);
  expect(kills(read(dead))).toEqual([1, 1]);
  pods.clear();
  expect(read()).toEqual([]);
  expect(kills(read(pod([container()])))).toEqual([0, 0]);
});

test('closed, it lets go of all pods', async () => {
  const { read, unit, host } = await stateOf();
  read(pod([container({ termination: killed('a') })]));
  const held = host.oomKills.hold('u1');
  expect(held.count).toBe(1);
  held.release();
  unit.close();
  expect(host.oomKills.hold('u1').count).toBeUndefined();
});

test('it is timed, and counts its points', async () => {
  const { read, host, clock } = await stateOf();
  clock.step = 1;
  const one = pod([container()]);
  read(one);
  read(one);
  expect(host.meters.state).toEqual({ milliseconds: 2, reads: 2 });
});
