/** What the state unit writes of the labels and annotations that are allowed. */
import { expect, test } from 'vitest';
import { createPodTags } from '../../../src/collect/pod-tags.ts';
import { openStateUnit } from '../../../src/collect/state-unit.ts';
import { rowsOf } from '../../../src/metrics/table.ts';
import type { Pod, PodProperty } from '../../../src/model.ts';
import { hostOf } from './host-of.ts';

const team: PodProperty = { from: 'label', key: 'team', name: 'team' };
const state = { terminating: false, requests: {}, limits: {} };
const container = { kind: 'container', requests: {}, limits: {} } as const;
const web: Pod = {
  uid: 'u1',
  cgroupUid: 'u1',
  namespace: 'shop',
  name: 'web-0',
  workloadKind: 'StatefulSet',
  workload: 'web',
  qos: 'Guaranteed',
  hostNetwork: false,
  containers: [{ name: 'app', state: 'running', api: container }],
  labels: { team: 'a' },
  api: state,
};

async function unitOf(infoFields: readonly PodProperty[]) {
  const { host } = await hostOf({ 'sys/fs/cgroup/cgroup.controllers': 'cpu\n' });
  const snapshot = new Map<string, Pod>();
  const podTags = createPodTags({
    nodeTags: { cluster: 'c', node: 'n' },
    properties: [team],
    nameBy: () => 'own',
    exists: (uid) => snapshot.has(uid),
  });
  return { snapshot, unit: openStateUnit({ host, podTags, infoFields, pods: () => snapshot }) };
}

test('info fields stand after those of the table, in their order, and are empty where the pod has none', async () => {
  const note: PodProperty = { from: 'annotation', key: 'note', name: 'annotation_note' };
  const { snapshot, unit } = await unitOf([note, { ...team, name: 'label_team' }]);
  snapshot.set('u1', web);
  const [, pod] = unit.read(Infinity);
  expect(pod?.series.measurement).toBe('k8s_pod_info');
  expect(pod?.values.slice(rowsOf('k8s_pod_info').length)).toEqual(['', 'a']);
});

test('a pod whose label changed is written under its new tags, its containers too', async () => {
  const { snapshot, unit } = await unitOf([]);
  const teams = () => unit.read(Infinity).map(({ series }) => [series.measurement, series.tags['team']]);
  snapshot.set('u1', web);
  expect(teams()).toEqual([
    ['k8s_container_info', 'a'],
    ['k8s_pod_info', 'a'],
  ]);
  snapshot.set('u1', { ...web, labels: { team: 'b' } });
  expect(teams()).toEqual([
    ['k8s_container_info', 'b'],
    ['k8s_pod_info', 'b'],
  ]);
});
