import { expect, test } from 'vitest';
import { joinTargets } from '../../../src/locate/targets.ts';
import type { PodCgroup } from '../../../src/locate/tree.ts';
import { podsOfTree } from '../../../src/locate/unlabelled.ts';

const cgroup: PodCgroup = {
  uid: 'one',
  path: '/kubepods/burstable/podone',
  qos: 'Burstable',
  detached: false,
  leaves: new Map([
    ['aa', '/kubepods/burstable/podone/aa'],
    ['bb', '/kubepods/burstable/podone/bb'],
  ]),
};

test('pods are named by their UID and containers by their id', () => {
  expect(podsOfTree({ pods: () => new Map([['one', cgroup]]) })).toEqual(
    new Map([
      [
        'one',
        {
          uid: 'one',
          cgroupUid: 'one',
          namespace: 'none',
          name: 'one',
          workloadKind: 'none',
          workload: 'none',
          qos: 'Burstable',
          hostNetwork: false,
          containers: [
            { name: 'aa', id: 'aa', state: 'running' },
            { name: 'bb', id: 'bb', state: 'running' },
          ],
        },
      ],
    ]),
  );
});

test('every leaf counts as a container', () => {
  const pods = new Map([['one', cgroup]]);
  const targets = joinTargets(podsOfTree({ pods: () => pods }), { pods: () => pods, find: (uid) => pods.get(uid) });
  expect(targets.map(({ containers, others }) => [containers.map(({ path }) => path), others])).toEqual([
    [['/kubepods/burstable/podone/aa', '/kubepods/burstable/podone/bb'], []],
  ]);
});
