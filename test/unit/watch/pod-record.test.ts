import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { podRecord } from '../../../src/watch/pod-record.ts';
import { everything } from '../../../src/watch/selection.ts';

const uid = '3f9c2a44-7c11-4a53-9d1e-b5f1a0c3d2e1';
const hash = '0123456789abcdef0123456789abcdef';
const unbounded = { requests: {}, limits: {} };

test('a pod of a Deployment, with every kind of container', () => {
  const object = {
    metadata: {
      uid,
      namespace: 'shop',
      name: 'web-6d4b75cb6d-x2x4z',
      labels: { 'pod-template-hash': '6d4b75cb6d' },
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-6d4b75cb6d', controller: true }],
    },
    spec: {
      nodeName: 'node-1',
      hostNetwork: true,
      containers: [{ name: 'app' }, { name: 'new' }],
      initContainers: [{ name: 'setup' }],
      ephemeralContainers: [{ name: 'debugger' }],
    },
    status: {
      phase: 'Running',
      qosClass: 'Burstable',
      containerStatuses: [
        { name: 'app', containerID: 'containerd://aa11', state: { running: { startedAt: '2026-11-23T00:00:00Z' } } },
      ],
      initContainerStatuses: [{ name: 'setup', containerID: 'containerd://bb22', state: { terminated: { exitCode: 0 } } }],
      ephemeralContainerStatuses: [{ name: 'debugger', state: { waiting: { reason: 'ImagePullBackOff' } } }],
    },
  };
  expect(podRecord(object, everything)).toEqual({
    pod: {
      uid,
      cgroupUid: uid,
      namespace: 'shop',
      name: 'web-6d4b75cb6d-x2x4z',
      workloadKind: 'Deployment',
      workload: 'web',
      qos: 'Burstable',
      hostNetwork: true,
      containers: [
        {
          name: 'app',
          id: 'aa11',
          state: 'running',
          api: { ...unbounded, kind: 'container', startedAt: Date.UTC(2026, 10, 23) },
        },
        { name: 'new', state: 'unknown', api: { ...unbounded, kind: 'container' } },
        { name: 'setup', id: 'bb22', state: 'terminated', api: { ...unbounded, kind: 'init', termination: { exitCode: 0 } } },
        { name: 'debugger', state: 'waiting', api: { ...unbounded, kind: 'ephemeral', waitingReason: 'ImagePullBackOff' } },
      ],
      api: { ...unbounded, phase: 'Running', terminating: false },
    },
  });
});

function podWith(metadata: object, rest: object = {}) {
  const base = { uid, namespace: 'shop', name: 'web' };
  return podRecord({ metadata: { ...base, ...metadata }, spec: { containers: [{ name: 'main' }] }, ...rest }, everything);
}

test('a mirror pod has the cgroup of its static pod', () => {
  const annotations = { 'kubernetes.io/config.mirror': hash, 'kubernetes.io/config.hash': hash };
  const owned = { annotations, ownerReferences: [{ kind: 'Node', name: 'node-1', controller: true }] };
  expect(podWith(owned).pod?.cgroupUid).toBe(hash);
  expect(podWith({ annotations: { ...annotations, 'kubernetes.io/config.source': 'file' } }).pod?.cgroupUid).toBe(hash);
});

test.each([
  ['config.hash alone', { 'kubernetes.io/config.hash': hash, 'kubernetes.io/config.source': 'file' }],
  ['config.mirror without another mark of a mirror pod', { 'kubernetes.io/config.mirror': hash }],
  ['config.mirror of a pod from the API', { 'kubernetes.io/config.mirror': hash, 'kubernetes.io/config.source': 'api' }],
  ['a path', { 'kubernetes.io/config.mirror': '../../system.slice', 'kubernetes.io/config.source': 'file' }],
  ['no string', { 'kubernetes.io/config.mirror': 7, 'kubernetes.io/config.source': 'file' }],
])('an ordinary pod gains no other cgroup by annotation: %s', (_, annotations) => {
  expect(podWith({ annotations }).pod?.cgroupUid).toBe(uid);
});

test.each([
  ['no object', 12, 'metadata.uid is not a UID'],
  ['no metadata', {}, 'metadata.uid is not a UID'],
  ['a UID that is a path', { metadata: { uid: '../x', namespace: 'a', name: 'b' } }, 'metadata.uid is not a UID'],
  ['no namespace', { metadata: { uid, name: 'b' } }, 'metadata.namespace is not a name'],
  ['a number as name', { metadata: { uid, namespace: 'a', name: 7 } }, 'metadata.name is not a name'],
])('an object with %s is no pod', (_, object, problem) => {
  expect(podRecord(object, everything)).toEqual({ problem });
});

test('a pod whose rest is nonsense is kept, and its problem told', () => {
  const nonsense = { labels: 'x', annotations: null, ownerReferences: [null, 'x', { kind: [], name: {}, controller: true }] };
  const status = { qosClass: 'Best', containerStatuses: [{ name: 5 }, null, 'x'], initContainerStatuses: 'none' };
  expect(podWith(nonsense, { spec: { containers: 'main', hostNetwork: 'yes', initContainers: { 0: 'x' } }, status })).toEqual({
    pod: {
      uid,
      cgroupUid: uid,
      namespace: 'shop',
      name: 'web',
      workloadKind: 'Pod',
      workload: 'web',
      qos: 'unknown',
      hostNetwork: false,
      containers: [],
      api: { ...unbounded, terminating: false },
    },
    problem: 'it has no container',
  });
});

test('strings that no API server would let in are kept, capped and well-formed', () => {
  const name = `${'"=, \n\\'.repeat(50)}\u{d800}🚀`;
  const { pod, problem } = podWith({ name });
  expect(pod?.name).toBe(name.slice(0, 253));
  expect(problem).toBe('its name or namespace is not a DNS name');
  expect(podWith({ name: 'a\u{d800}' }).pod?.name).toBe('a\u{fffd}');
});

test.each([
  ['containerd://aa11', 'aa11'],
  ['cri-o://aa11', 'aa11'],
  ['docker://aa11', 'aa11'],
  ['aa11', 'aa11'],
  ['', undefined],
  ['containerd://', undefined],
  ['containerd://../../x', undefined],
  [7, undefined],
])('container id %j', (containerID, id) => {
  const { pod } = podWith({}, { status: { containerStatuses: [{ name: 'main', containerID }] } });
  expect(pod?.containers[0]?.id).toBe(id);
});

test.each([
  [{ running: {} }, 'running'],
  [{ waiting: { reason: 'CrashLoopBackOff' } }, 'waiting'],
  [{ terminated: {} }, 'terminated'],
  [{}, 'waiting'],
  [{ running: null }, 'unknown'],
  [{ asleep: {} }, 'unknown'],
  [undefined, 'unknown'],
  ['running', 'unknown'],
])('container state %j', (state, expected) => {
  expect(podWith({}, { status: { containerStatuses: [{ name: 'main', state }] } }).pod?.containers).toMatchObject([
    { name: 'main', state: expected },
  ]);
});

test('what the object says beside its identity', () => {
  const spec = {
    priority: -5,
    priorityClassName: 'system-node-critical',
    runtimeClassName: 'kata',
    restartPolicy: 'OnFailure',
    overhead: { cpu: '50m', memory: '16Mi' },
    containers: [{ name: 'main', resources: { requests: { cpu: '100m', memory: '1Gi' }, limits: { memory: '1Gi' } } }],
  };
  const status = {
    phase: 'Failed',
    reason: 'Evicted',
    message: 'not kept',
    startTime: '2026-11-23T00:00:00Z',
    conditions: [
      { type: 'PodScheduled', status: 'True' },
      { type: 'Ready', status: 'False', reason: 'PodFailed' },
    ],
  };
  expect(podWith({ deletionTimestamp: '2026-11-23T00:01:00Z' }, { spec, status }).pod?.api).toEqual({
    phase: 'Failed',
    reason: 'Evicted',
    ready: false,
    startTime: Date.UTC(2026, 10, 23),
    terminating: true,
    priority: -5,
    priorityClassName: 'system-node-critical',
    runtimeClassName: 'kata',
    restartPolicy: 'OnFailure',
    requests: { cpuNanocores: 150_000_000, memoryBytes: 1_090_519_040 },
    limits: { memoryBytes: 1_090_519_040 },
  });
});

test('of labels and annotations only what is selected', () => {
  const metadata = {
    uid,
    namespace: 'shop',
    name: 'web',
    labels: { app: 'web', x: 'y' },
    annotations: { team: 'blue', z: '1' },
  };
  const { pod } = podRecord({ metadata }, { labels: ['app', 'team'], annotations: ['team'] });
  expect([pod?.labels, pod?.annotations]).toEqual([{ app: 'web' }, { team: 'blue' }]);
  expect(Object.keys(podRecord({ metadata }, everything).pod ?? {})).not.toContain('labels');
});

test('no JSON makes it throw, and every string is bounded', () => {
  const wild = fc.jsonValue({ maxDepth: 1 });
  const short = fc.string({ minLength: 1, maxLength: 4, unit: 'binary' });
  const long = fc.tuple(short, fc.constantFrom(1, 300)).map(([text, times]) => text.repeat(times));
  const mixed = fc.oneof(wild, long);
  const detail = fc.oneof(wild, fc.record({ reason: mixed, exitCode: wild, finishedAt: mixed, containerID: mixed }));
  const state = fc.oneof(wild, fc.record({ terminated: detail, waiting: detail, running: detail }));
  const named = fc.record({ name: mixed, image: mixed, imageID: mixed, containerID: mixed, resources: wild, state });
  const some = fc.oneof(wild, fc.array(named, { maxLength: 2 }));
  const owner = fc.record({ kind: long, name: long, controller: fc.boolean() });
  const metadata = fc.record({
    uid: fc.oneof(wild, fc.uuid()),
    name: fc.oneof(wild, long),
    namespace: fc.oneof(wild, long),
    annotations: wild,
    labels: fc.oneof(wild, fc.record({ a: mixed })),
    deletionTimestamp: wild,
    ownerReferences: fc.oneof(wild, fc.array(owner, { maxLength: 2 })),
  });
  const spec = fc.record({
    overhead: wild,
    resources: wild,
    priorityClassName: mixed,
    containers: some,
    initContainers: some,
    ephemeralContainers: some,
  });
  const status = fc.record({ phase: mixed, reason: mixed, conditions: some, containerStatuses: some, qosClass: wild });
  const object = fc.oneof(wild, fc.record({ metadata, spec: fc.oneof(wild, spec), status: fc.oneof(wild, status) }));
  fc.assert(
    fc.property(object, (value) => {
      const { pod, problem } = podRecord(value, { labels: ['', 'a', '__proto__'], annotations: ['a'] });
      expect(pod !== undefined || problem !== undefined).toBe(true);
      expect(stringsIn(pod).filter((text) => text.length > 512 || !text.isWellFormed())).toEqual([]);
    }),
  );
});

function stringsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(stringsIn);
}
