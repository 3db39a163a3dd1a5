import { expect, test } from 'vitest';
import { createPodTags, tagsOfContainer } from '../../../src/collect/pod-tags.ts';
import type { Naming } from '../../../src/collect/pod-tags.ts';
import type { Pod, PodProperty } from '../../../src/model.ts';

const web: Pod = {
  uid: 'u1',
  cgroupUid: 'u1',
  namespace: 'shop',
  name: 'web-6d5f7c9b8-x2x9z',
  workloadKind: 'Deployment',
  workload: 'web',
  qos: 'Burstable',
  hostNetwork: false,
  containers: [],
  labels: { team: 'a' },
};
const team: PodProperty = { from: 'label', key: 'team', name: 'team' };
const ownTags = {
  cluster: 'c',
  node: 'n',
  namespace: 'shop',
  pod: 'web-6d5f7c9b8-x2x9z',
  qos: 'Burstable',
  workload: 'web',
  workload_kind: 'Deployment',
};

function podTags(first: Naming = 'own', properties: readonly PodProperty[] = [team]) {
  const asked: string[] = [];
  const budget = { naming: first };
  const there = new Set(['u1']);
  const tags = createPodTags({
    nodeTags: { cluster: 'c', node: 'n' },
    properties,
    nameBy({ uid }) {
      asked.push(uid);
      return budget.naming;
    },
    exists: (uid) => there.has(uid),
  });
  return { tags, asked, there, budget };
}

test('configured labels and annotations are tags of every pod: none where a pod has no such', () => {
  const properties: readonly PodProperty[] = [
    team,
    { from: 'annotation', key: 'team', name: 'noted_team' },
    { from: 'label', key: 'constructor', name: 'built_by' },
  ];
  const { tags } = podTags('own', properties);
  expect(tags.of(web)).toEqual({ ...ownTags, team: 'a', noted_team: 'none', built_by: 'none' });
  const { labels: _, ...bare } = web;
  expect(tags.of({ ...bare, uid: 'u2', annotations: { team: 'b' } })).toMatchObject({ team: 'none', noted_team: 'b' });
});

test('the same object for as long as no tag changes, whatever else of the pod does', () => {
  const { tags, asked } = podTags();
  const first = tags.of(web);
  expect(tags.of({ ...web, labels: { team: 'a', other: 'b' } })).toBe(first);
  expect(tags.of({ ...web, labels: { team: 'b' } })).toEqual({ ...ownTags, team: 'b' });
  expect(asked).toEqual(['u1', 'u1']);
});

test('at the cap a pod keeps the tags that it has, whoever changes its labels; below it they are taken over', () => {
  const { tags, asked, budget } = podTags();
  const first = tags.of(web);
  budget.naming = 'workload';
  const changed = { ...web, labels: { team: 'b' } };
  for (let time = 0; time < 3; time += 1) expect(tags.of(changed)).toBe(first);
  expect(tags.of({ ...web, workload: 'other' })).toBe(first);
  expect([asked.length, tags.folded]).toEqual([3, 0]);
  budget.naming = 'own';
  expect(tags.of({ ...changed })).toEqual({ ...ownTags, team: 'b' });
});

test('a folded pod is all of its workload', () => {
  const { tags } = podTags('workload');
  expect(tags.of(web)).toEqual({ ...ownTags, pod: '*', team: 'a' });
  expect(tagsOfContainer(tags.of(web), 'app')).toEqual({ ...ownTags, pod: '*', team: 'a', container: 'app' });
});

test('a folded pod without a controller is not its own workload: each would be another', () => {
  const { tags } = podTags('workload');
  const bare = { ...web, workloadKind: 'Pod', workload: web.name };
  expect(tags.of(bare)).toEqual({ ...ownTags, pod: '*', workload: '*', workload_kind: 'Pod', team: 'a' });
});

test('folded by namespace, nothing that a pod may choose is left but its class', () => {
  const { tags } = podTags('namespace');
  const every = { ...ownTags, pod: '*', workload: '*', workload_kind: '*', team: '*' };
  expect(tags.of(web)).toEqual(every);
  expect(tagsOfContainer(tags.of(web), 'app')).toEqual({ ...every, container: '*' });
});

test('a folded pod stays where it is, though its labels change, until it goes', () => {
  const { tags, asked, there } = podTags('workload');
  const first = tags.of(web);
  expect(tags.of({ ...web, labels: { team: 'b' } })).toBe(first);
  tags.sweep();
  expect([tags.folded, asked]).toEqual([1, ['u1']]);
  there.delete('u1');
  tags.sweep();
  expect(tags.folded).toBe(0);
  tags.of(web);
  expect(asked).toEqual(['u1', 'u1']);
});
