import { expect, test } from 'vitest';
import { openFileSystemUnit } from '../../../src/collect/file-system-unit.ts';
import { createPodTags } from '../../../src/collect/pod-tags.ts';
import type { FileSystemReport, PodFileSystems, Usage } from '../../../src/file-systems/report.ts';
import type { Pod } from '../../../src/model.ts';
import { expectedPoints } from '../../support/expected-points.ts';
import { hostOf, named } from './host-of.ts';
import { podTags, target } from './target-of.ts';

const nodeTags = { cluster: 'c', node: 'n' };

async function unitOf(...podsOfNode: readonly Pod[]) {
  const one = await hostOf({ 'sys/fs/cgroup/cgroup.controllers': 'cpu\n' });
  const pods = new Map(podsOfNode.map((pod) => [pod.uid, pod]));
  const last: { report: FileSystemReport | undefined } = { report: undefined };
  const tags = createPodTags({ nodeTags, properties: [], nameBy: () => 'own', exists: (uid) => pods.has(uid) });
  const unit = openFileSystemUnit({ host: one.host, nodeTags, podTags: tags, pods: () => pods, report: () => last.report });
  return {
    ...one,
    pods,
    unit,
    /** What is written when this is the last report there is. */
    read(next: FileSystemReport | undefined) {
      last.report = next;
      return unit.read(Infinity);
    },
  };
}

function used(at: number, usedBytes: number): Usage {
  return { at, usedBytes };
}

function report(pods: readonly PodFileSystems[], node: FileSystemReport['node'] = {}): FileSystemReport {
  return { at: 9000, node, pods: new Map(pods.map((pod) => [pod.uid, pod])) };
}

function fileSystems(change: Partial<PodFileSystems> = {}): PodFileSystems {
  return { uid: 'u1', containers: [], volumes: [], ...change };
}

const { pod } = target();

test('layer, logs, ephemeral storage and volumes of a pod, and the file systems of the node, each under its own time', async () => {
  const { read } = await unitOf(pod);
  const all: Omit<Usage, 'at'> = {
    usedBytes: 1,
    availableBytes: 2,
    capacityBytes: 9_007_199_254_740_993n,
    inodesUsed: 4,
    inodesFree: 5,
    inodes: 6,
  };
  const { fields } = expectedPoints.fileSystem;
  const readings = read(
    report(
      [
        fileSystems({
          containers: [{ name: 'app', rootfs: { at: 1000, ...all }, logs: used(2000, 0) }, { name: 'log' }],
          ephemeral: { at: 3000, ...all },
          volumes: [
            { name: 'data', claim: 'data-web-0', usage: { at: 4000, ...all } },
            { name: 'cache', usage: used(5000, 50) },
          ],
        }),
      ],
      { root: { at: 6000, ...all }, images: used(7000, 70), containers: undefined },
    ),
  );
  const container = { ...podTags, container: 'app' };
  expect(readings.map((reading) => [named(reading), reading.time])).toEqual([
    [{ measurement: 'k8s_node_fs', tags: { ...nodeTags, filesystem: 'root' }, fields }, 6000],
    [{ measurement: 'k8s_node_fs', tags: { ...nodeTags, filesystem: 'images' }, fields: { used_bytes: 70 } }, 7000],
    [{ measurement: 'k8s_container_fs', tags: { ...container, filesystem: 'rootfs' }, fields }, 1000],
    [{ measurement: 'k8s_container_fs', tags: { ...container, filesystem: 'logs' }, fields: { used_bytes: 0 } }, 2000],
    [{ measurement: 'k8s_pod_fs', tags: { ...podTags, filesystem: 'ephemeral' }, fields }, 3000],
    [
      {
        measurement: 'k8s_pod_volume',
        tags: { ...podTags, volume: 'data' },
        fields: expectedPoints.volume.fields,
      },
      4000,
    ],
    [{ measurement: 'k8s_pod_volume', tags: { ...podTags, volume: 'cache' }, fields: { used_bytes: 50, claim: '' } }, 5000],
  ]);
});

test('each report is written once; without one nothing is', async () => {
  const { read } = await unitOf(pod);
  expect(read(undefined)).toEqual([]);
  const one = report([fileSystems({ ephemeral: used(1000, 1) })]);
  expect(read(one)).toHaveLength(1);
  expect(read(one)).toEqual([]);
  expect(read({ ...one })).toHaveLength(1);
  expect(read(undefined)).toEqual([]);
});

test('a static pod is found by the UID that its kubelet runs it under; a pod that is not known is left out', async () => {
  const { read } = await unitOf(target({ cgroupUid: 'hash' }).pod);
  const readings = read(
    report([fileSystems({ uid: 'hash', ephemeral: used(1, 11) }), fileSystems({ uid: 'u1', ephemeral: used(1, 22) })]),
  );
  expect(readings.map(named)).toMatchObject([{ measurement: 'k8s_pod_fs', fields: { used_bytes: 11 } }]);
});

test('a second pod that claims the UID of another gets none of its numbers', async () => {
  const { read, pods } = await unitOf(target({ cgroupUid: 'hash' }).pod);
  pods.set('forged', target({ uid: 'forged', name: 'forged', cgroupUid: 'hash' }).pod);
  const readings = read(report([fileSystems({ uid: 'hash', ephemeral: used(1, 11) })]));
  expect(readings.map(({ series }) => series.tags['pod'])).toEqual(['web-0']);
});

test('tags are the same objects from report to report, and others when those of the pod changed', async () => {
  const { read, pods } = await unitOf(pod);
  const next = () =>
    read(
      report(
        [
          fileSystems({
            containers: [{ name: 'app', rootfs: used(1, 1), logs: used(1, 1) }],
            ephemeral: used(1, 1),
            volumes: [{ name: 'app', usage: used(1, 1) }],
          }),
        ],
        { root: used(1, 1) },
      ),
    ).map(({ series }) => series.tags);
  const first = next();
  expect(first).toHaveLength(5);
  for (const [index, tags] of next().entries()) expect(tags).toBe(first[index]);
  pods.set('u1', target({ qos: 'Burstable' }).pod);
  const changed = next();
  expect(changed[0]).toBe(first[0]);
  expect(changed.slice(1).map((tags) => tags['qos'])).toEqual(Array.from({ length: 4 }, () => 'Burstable'));
});

test('a series that is reported no longer is forgotten', async () => {
  const { read, pods } = await unitOf(pod);
  const both = () => report([fileSystems({ ephemeral: used(1, 1) })], { root: used(1, 1) });
  const [root, ephemeral] = read(both()).map(({ series }) => series.tags);
  pods.clear();
  expect(read(both()).map(({ series }) => series.tags)).toEqual([root]);
  pods.set('u1', pod);
  const [sameRoot, anew] = read(both()).map(({ series }) => series.tags);
  expect(sameRoot).toBe(root);
  expect(anew).toEqual(ephemeral);
  expect(anew).not.toBe(ephemeral);
});

test('a source that failed leaves nothing of pods that may be gone', async () => {
  const { read } = await unitOf(pod);
  const one = () => report([fileSystems({ ephemeral: used(1, 1) })]);
  const [before] = read(one());
  read(undefined);
  const [after] = read(one());
  expect(after?.series.tags).toEqual(before?.series.tags);
  expect(after?.series.tags).not.toBe(before?.series.tags);
});

test('only what was read is timed', async () => {
  const { read, host, clock } = await unitOf(pod);
  clock.step = 1;
  const one = report([]);
  for (const next of [undefined, one, one, report([])]) read(next);
  expect(host.meters.filesystems).toEqual({ milliseconds: 2, reads: 2 });
});
