import { expect, test } from 'vitest';
import type { Pod } from '../../../src/model.ts';
import { createPodStore } from '../../../src/watch/pod-store.ts';

function pod(uid: string, more: Partial<Pod> = {}): Pod {
  return {
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
  };
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
