import { expect, test } from 'vitest';
import type { Target } from '../../../src/locate/targets.ts';
import { collectorNames } from '../../../src/metrics/collectors.ts';
import { podPath, podTags, running, target } from './target-of.ts';
import { readAll, trackedNode } from './tracked-node.ts';

test('devices and huge pages of the pod and of its containers are points of their own', async () => {
  const one = await trackedNode({ collectors: ['io', 'hugetlb', 'pids'] });
  const container = `${podPath}/${'a'.repeat(64)}`;
  for (const path of [podPath, container]) {
    await one.tree.add({
      [`sys/fs/cgroup${path}/io.stat`]: '8:0 rbytes=1 rios=2\n',
      [`sys/fs/cgroup${path}/hugetlb.2MB.max`]: '4194304\n',
      [`sys/fs/cgroup${path}/hugetlb.2MB.current`]: '0\n',
    });
  }
  one.tracker.update([target()], []);
  expect(
    readAll(one).map(({ measurement, tags }) => [measurement, tags['container'], tags['device'] ?? tags['page_size']]),
  ).toEqual([
    ['k8s_pod', undefined, undefined],
    ['k8s_pod_io', undefined, '8:0'],
    ['k8s_pod_hugetlb', undefined, '2MB'],
    ['k8s_container', 'app', undefined],
    ['k8s_container_io', 'app', '8:0'],
    ['k8s_container_hugetlb', 'app', '2MB'],
  ]);
  one.tracker.update([], []);
  expect(one.descriptors.open).toBe(0);
});

/** A pod whose requests, and those of its container, are known. */
function requesting(pod: number, container: number): Target {
  const limits = {};
  const state = { terminating: false, requests: { memoryBytes: pod }, limits };
  const app = { ...running('app', 'a'), api: { kind: 'container', requests: { memoryBytes: container }, limits } } as const;
  return target({ api: state }, [app]);
}

test('what is requested goes with the point of each, and follows the specification', async () => {
  const one = await trackedNode({ collectors: ['pids'] });
  const requests = () => readAll(one).map(({ fields }) => fields.memory_request_bytes);
  one.tracker.update([requesting(300, 200)], []);
  expect(requests()).toEqual([300, 200]);
  one.tracker.update([requesting(500, 400)], []);
  expect(requests()).toEqual([500, 400]);
  one.tracker.update([target()], []);
  expect(requests()).toEqual([undefined, undefined]);
  expect(one.forgotten).toEqual([]);
});

test('what is wanted alone is read: no collector of the network, no process is looked for', async () => {
  const one = await trackedNode({ collectors: collectorNames.filter((name) => name !== 'network' && name !== 'sockets') });
  one.tracker.update([target()], []);
  expect(readAll(one).map(({ measurement }) => measurement)).toEqual(['k8s_pod', 'k8s_container']);
  const cpu = await trackedNode({ collectors: ['cpu'] });
  cpu.tracker.update([target()], []);
  expect(readAll(cpu)[1]?.fields).toEqual({ cpu_usage_core_nanoseconds: 7000 });
});

test('the sockets of a pod whose own cgroup is not read are a point all the same', async () => {
  const one = await trackedNode({ collectors: ['sockets'] });
  one.tracker.update([{ ...target(), detached: true }], []);
  expect(readAll(one)).toContainEqual({ measurement: 'k8s_pod', tags: podTags, fields: { sockets: 8 } });
});

test("where the containers lie elsewhere the pod's own cgroup is not read: its zeros would be false", async () => {
  const one = await trackedNode({ collectors: ['cpu', 'memory', 'pids', 'network'] });
  one.tracker.update([{ ...target(), detached: true }], []);
  const fields = readAll(one).flatMap((reading) => (reading.measurement === 'k8s_pod' ? Object.keys(reading.fields) : []));
  expect(fields).toEqual([]);
});
