import { expect, test } from 'vitest';
import { workloadOf } from '../../../src/watch/workload.ts';

interface Case {
  readonly says: string;
  readonly owner?: object;
  readonly hash?: string;
  readonly podName?: string;
  readonly mirror?: boolean;
  readonly workload: { readonly kind: string; readonly name: string };
}

const cases: readonly Case[] = [
  {
    says: 'a ReplicaSet named after the hash is its Deployment',
    owner: { kind: 'ReplicaSet', name: 'web-6d4b75cb6d' },
    hash: '6d4b75cb6d',
    workload: { kind: 'Deployment', name: 'web' },
  },
  {
    says: 'a ReplicaSet of its own stays',
    owner: { kind: 'ReplicaSet', name: 'web-canary' },
    hash: '6d4b75cb6d',
    workload: { kind: 'ReplicaSet', name: 'web-canary' },
  },
  {
    says: 'a ReplicaSet without a hash stays',
    owner: { kind: 'ReplicaSet', name: 'web-6d4b75cb6d' },
    workload: { kind: 'ReplicaSet', name: 'web-6d4b75cb6d' },
  },
  {
    says: 'a ReplicaSet named by nothing but the hash stays',
    owner: { kind: 'ReplicaSet', name: '-abc' },
    hash: 'abc',
    workload: { kind: 'ReplicaSet', name: '-abc' },
  },
  {
    says: 'a Job named after its minute is its CronJob',
    owner: { kind: 'Job', name: 'backup-28391040' },
    workload: { kind: 'CronJob', name: 'backup' },
  },
  {
    says: 'a Job with a short number stays',
    owner: { kind: 'Job', name: 'migrate-2024' },
    workload: { kind: 'Job', name: 'migrate-2024' },
  },
  {
    says: 'a StatefulSet is itself',
    owner: { kind: 'StatefulSet', name: 'db' },
    workload: { kind: 'StatefulSet', name: 'db' },
  },
  { says: 'a kind nobody knows is itself', owner: { kind: 'Rollout', name: 'x' }, workload: { kind: 'Rollout', name: 'x' } },
  {
    says: 'a pod owned by its node is a static pod, by the name in its manifest',
    owner: { kind: 'Node', name: 'Node-1' },
    podName: 'etcd-node-1',
    workload: { kind: 'StaticPod', name: 'etcd' },
  },
  {
    says: 'a mirror pod without an owner is a static pod',
    podName: 'etcd-node-1',
    mirror: true,
    workload: { kind: 'StaticPod', name: 'etcd' },
  },
  {
    says: 'a static pod without the suffix keeps its name',
    owner: { kind: 'Node', name: 'node-1' },
    podName: 'etcd',
    workload: { kind: 'StaticPod', name: 'etcd' },
  },
  { says: 'a pod nobody controls is its own', workload: { kind: 'Pod', name: 'pod' } },
  {
    says: 'an owner that does not control is none',
    owner: { kind: 'Job', name: 'x', controller: false },
    workload: { kind: 'Pod', name: 'pod' },
  },
  { says: 'an owner without a name is none', owner: { kind: 'Job', name: 7 }, workload: { kind: 'Pod', name: 'pod' } },
];

test.each(cases)('$says', ({ owner, hash, podName = 'pod', mirror = false, workload }) => {
  const metadata = {
    ...(owner && {
      ownerReferences: [
        { kind: 'Ignored', name: 'other' },
        { controller: true, ...owner },
      ],
    }),
    ...(hash !== undefined && { labels: { 'pod-template-hash': hash } }),
  };
  expect(workloadOf({ metadata, podName, nodeName: 'node-1', mirror })).toEqual(workload);
});
