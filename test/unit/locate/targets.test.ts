import { expect, test } from 'vitest';
import { joinTargets } from '../../../src/locate/targets.ts';
import type { PodCgroup } from '../../../src/locate/tree.ts';
import type { Container, Pod } from '../../../src/model.ts';

const defaults: Pod = {
  uid: 'one',
  cgroupUid: 'one',
  namespace: 'shop',
  name: 'cart',
  workloadKind: 'Deployment',
  workload: 'cart',
  qos: 'Burstable',
  hostNetwork: false,
  containers: [],
};

function pod(values: Partial<Pod>): Pod {
  return { ...defaults, ...values };
}

function cgroup(uid: string, leaves: Record<string, string>): PodCgroup {
  return { uid, path: `/kubepods/pod${uid}`, qos: 'Guaranteed', detached: false, leaves: new Map(Object.entries(leaves)) };
}

function join(pods: readonly Pod[], cgroups: readonly PodCgroup[]) {
  const index = new Map(cgroups.map((each) => [each.uid, each]));
  return joinTargets(new Map(pods.map((each) => [each.uid, each])), { pods: () => index, find: (uid) => index.get(uid) });
}

const running = (name: string, id: string): Container => ({ name, id, state: 'running' });

test('containers by their ids, and what no container owns', () => {
  const app = running('app', 'aa');
  const init: Container = { name: 'init', id: 'cc', state: 'terminated' };
  const waiting: Container = { name: 'late', state: 'waiting' };
  const vanished = running('vanished', 'dd');
  const cart = pod({ containers: [app, init, waiting, vanished] });
  expect(join([cart], [cgroup('one', { pause: '/p', aa: '/a', bb: '/b', cc: '/c' })])).toEqual([
    {
      pod: cart,
      path: '/kubepods/podone',
      containers: [{ container: app, path: '/a' }],
      others: ['/p', '/b'],
      detached: false,
    },
  ]);
});

test('a static pod by the UID of its cgroup', () => {
  const etcd = pod({ uid: 'mirror', cgroupUid: 'hash' });
  expect(join([etcd], [cgroup('mirror', {}), cgroup('hash', {})]).map(({ path }) => path)).toEqual(['/kubepods/podhash']);
});

test('a pod whose directory has another name by the id of any of its containers', () => {
  const containers: readonly Container[] = [{ name: 'late', state: 'waiting' }, running('unknown', 'zz'), running('app', 'aa')];
  const cart = pod({ containers });
  expect(join([cart], [cgroup('other', {}), cgroup('strange', { pause: '/p', aa: '/a' })])).toEqual([
    {
      pod: cart,
      path: '/kubepods/podstrange',
      containers: [{ container: containers[2], path: '/a' }],
      others: ['/p'],
      detached: false,
    },
  ]);
});

test('none for a pod without a cgroup, and none for a cgroup without a pod', () => {
  expect(join([pod({ containers: [running('app', 'aa')] })], [cgroup('other', { bb: '/b' })])).toEqual([]);
});

test('an id that the API gives twice is one container', () => {
  const cart = pod({ containers: [running('app', 'aa'), running('copy', 'aa')] });
  expect(join([cart], [cgroup('one', { aa: '/a' })])[0]?.containers.map(({ container }) => container.name)).toEqual(['app']);
});

test('that the containers lie elsewhere is passed on', () => {
  expect(join([pod({})], [{ ...cgroup('one', {}), detached: true }])[0]?.detached).toBe(true);
});
