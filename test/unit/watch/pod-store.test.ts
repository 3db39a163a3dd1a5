import { expect, test } from 'vitest';
import type { Pod } from '../../../src/model.ts';
import { createPodStore } from '../../../src/watch/pod-store.ts';
import type { SeenPod } from '../../../src/watch/read-pod.ts';

function pod(uid: string, more: Partial<Pod> = {}, kept = true): SeenPod {
  const record = {
    uid,
    cgroupUid: uid,
    namespace: 'shop',
    name: uid,
    workloadKind: 'Pod',
    workload: uid,
    qos: 'BestEffort',
    hostNetwork: false,
    containers: [],
    ...more,
  } as const;
  return { pod: record, kept };
}

test('a snapshot is the same map until something changes, and is never changed after', () => {
  const store = createPodStore(() => {});
  const empty = store.snapshot();
  store.put(pod('a'));
  const one = store.snapshot();
  store.put(pod('a'));
  expect(store.snapshot()).toBe(one);
  expect(store.version).toBe(1);
  store.put(pod('b'));
  expect(store.version).toBe(2);
  expect([empty, one, store.snapshot()].map((map) => map.size)).toEqual([0, 1, 2]);
});

test('a list replaces what was known, and tells what ended', () => {
  const ended: string[] = [];
  const store = createPodStore((uid) => ended.push(uid));
  store.replace([pod('a'), pod('b'), pod('c')]);
  store.replace([pod('c'), pod('d')]);
  expect([...store.snapshot().keys()]).toEqual(['c', 'd']);
  expect(ended).toEqual(['a', 'b']);
  const { version } = store;
  store.replace([pod('d'), pod('c')]);
  store.remove('never known');
  expect(store.version).toBe(version);
});

test("a pod that claims the cgroup of another pod gets its own; of nobody's, what it claims", () => {
  const store = createPodStore(() => {});
  store.put(pod('thief', { cgroupUid: 'victim' }));
  expect(store.snapshot().get('thief')?.cgroupUid).toBe('victim');
  store.put(pod('victim'));
  expect(store.snapshot().get('thief')?.cgroupUid).toBe('thief');
  expect(store.snapshot().get('victim')?.cgroupUid).toBe('victim');
});

test('a pod that is left out is counted, not shown, and may come back', () => {
  const ended: string[] = [];
  const store = createPodStore((uid) => ended.push(uid));
  store.replace([pod('a'), pod('b', {}, false)]);
  expect([...store.snapshot().keys()]).toEqual(['a']);
  expect(store.leftOut().size).toBe(1);
  store.put(pod('a', {}, false));
  expect([store.snapshot().size, store.leftOut().size, ended]).toEqual([0, 2, ['a']]);
  store.put(pod('a'));
  expect([store.snapshot().size, store.leftOut().size]).toEqual([1, 1]);
  store.remove('b');
  expect([store.snapshot().size, store.leftOut().size, ended]).toEqual([1, 0, ['a']]);
});

test('a pod that is left out and goes from the list is not counted any more', () => {
  const store = createPodStore(() => {});
  store.replace([pod('a', {}, false)]);
  const { version } = store;
  store.replace([pod('a', {}, false)]);
  expect(store.version).toBe(version);
  store.replace([]);
  expect(store.leftOut().size).toBe(0);
});

test('nobody gets the cgroup of a pod that is left out', () => {
  const store = createPodStore(() => {});
  store.replace([pod('victim', {}, false), pod('mirror', { cgroupUid: 'static' }, false)]);
  store.put(pod('thief', { cgroupUid: 'victim' }));
  store.put(pod('other thief', { cgroupUid: 'static' }));
  expect(Array.from(store.snapshot().values(), ({ cgroupUid }) => cgroupUid)).toEqual(['thief', 'other thief']);
});

test('a change of the state alone is a change of the snapshot', () => {
  const store = createPodStore(() => {});
  const state = { terminating: false, requests: {}, limits: {} };
  store.put(pod('a', { api: { ...state, phase: 'Pending' } }));
  store.put(pod('a', { api: { ...state, phase: 'Running' } }));
  expect(store.version).toBe(2);
  expect(store.snapshot().get('a')?.api?.phase).toBe('Running');
});
