import { expect, test } from 'vitest';
import type { Unit } from '../../../src/collect/unit.ts';
import { named } from './host-of.ts';
import { podPath, podTags, running, target } from './target-of.ts';
import { cgroupFiles, readAll, trackedNode } from './tracked-node.ts';

test('reads the pod, its containers and its network, with what is there and nothing else', async () => {
  const one = await trackedNode();
  one.tracker.update([target()], []);
  const memory = { memory_usage_bytes: 4096, pids: 3 };
  const none = {
    rx_bytes: 0,
    rx_packets: 0,
    rx_errors: 0,
    rx_dropped: 0,
    tx_bytes: 0,
    tx_packets: 0,
    tx_errors: 0,
    tx_dropped: 0,
  };
  expect(readAll(one)).toEqual([
    {
      measurement: 'k8s_pod',
      tags: podTags,
      fields: {
        cpu_usage_core_nanoseconds: 9000,
        cpu_user_nanoseconds: 4000,
        cpu_system_nanoseconds: 5000,
        sockets: 8,
        ...memory,
      },
    },
    {
      measurement: 'k8s_container',
      tags: { ...podTags, container: 'app' },
      fields: { cpu_usage_core_nanoseconds: 7000, ...memory },
    },
    {
      measurement: 'k8s_pod_network',
      tags: { ...podTags, interface: 'eth0' },
      fields: {
        rx_bytes: 100,
        rx_packets: 2,
        rx_errors: 3,
        rx_dropped: 4,
        tx_bytes: 200,
        tx_packets: 5,
        tx_errors: 6,
        tx_dropped: 7,
        is_default: false,
      },
    },
    { measurement: 'k8s_pod_network', tags: { ...podTags, interface: 'net1' }, fields: { ...none, is_default: true } },
  ]);
  expect([one.tracker.pods, one.tracker.containers, one.warnings]).toEqual([1, 1, []]);
});

test('a pod on the network of the host has none of its own', async () => {
  const one = await trackedNode();
  one.tracker.update([target({ hostNetwork: true })], []);
  expect(readAll(one).map(({ measurement }) => measurement)).toEqual(['k8s_pod', 'k8s_container']);
});

test('tags are the same objects from cycle to cycle, so that their bytes are kept', async () => {
  const one = await trackedNode();
  one.tracker.update([target()], []);
  const first = readAll(one).map(({ tags }) => tags);
  one.tracker.update([target()], []);
  for (const [i, { tags }] of readAll(one).entries()) expect(tags).toBe(first[i]);
});

test('a container that was restarted is another one; the others stay open', async () => {
  const one = await trackedNode();
  await one.tree.add(cgroupFiles(`${podPath}/${'b'.repeat(64)}`, 'usage_usec 1\n'));
  one.tracker.update([target()], []);
  readAll(one);
  one.tracker.update([target({}, [running('app', 'b')])], []);
  expect(one.forgotten).toEqual([`${podPath}/${'a'.repeat(64)}`]);
  expect(readAll(one)).toContainEqual({
    measurement: 'k8s_container',
    tags: { ...podTags, container: 'app' },
    fields: { cpu_usage_core_nanoseconds: 1000, memory_usage_bytes: 4096, pids: 3 },
  });
});

test('a pod that went leaves nothing: descriptors, rates, marks', async () => {
  const one = await trackedNode();
  await one.tree.add({ [`sys/fs/cgroup${podPath}/memory.stat`]: 'garbage\n' });
  one.tracker.update([target()], []);
  readAll(one);
  expect(one.descriptors.open).toBeGreaterThan(0);
  expect(one.problems.marks).toBe(1);
  one.tracker.update([], []);
  expect(one.descriptors.open).toBe(0);
  expect(one.problems.marks).toBe(0);
  expect(one.forgotten.toSorted()).toEqual([podPath, `${podPath}/${'a'.repeat(64)}`]);
  expect([one.tracker.units, one.tracker.pods, one.tracker.containers]).toEqual([[], 0, 0]);
});

test('a pod whose tags changed begins anew', async () => {
  const one = await trackedNode();
  one.tracker.update([target()], []);
  readAll(one);
  one.tracker.update([target({ qos: 'Burstable' })], []);
  const tags = readAll(one).map((reading) => reading.tags['qos']);
  expect(new Set(tags)).toEqual(new Set(['Burstable']));
  one.tracker.update([], []);
  expect(one.descriptors.open).toBe(0);
});

test('nothing is read after the deadline', async () => {
  const one = await trackedNode();
  one.tracker.update([target()], [{ name: 'system.slice', path: '/system.slice' }]);
  const readings = one.tracker.units.flatMap((unit) => unit.read(one.clock.time - 1));
  expect(readings.map(named).filter(({ fields }) => Object.keys(fields).length > 0)).toEqual([]);
  expect(one.descriptors.open).toBe(0);
});

test('what is always read comes first, whatever pods there are, and is closed at the end', async () => {
  let closed = 0;
  const unit: Unit = { owner: 'node', containers: 0, read: () => [], close: () => void (closed += 1) };
  const { tracker } = await trackedNode({ always: [unit] });
  expect(tracker.units).toEqual([unit]);
  tracker.update([target()], []);
  expect([tracker.units[0], tracker.units.length, tracker.pods]).toEqual([unit, 2, 1]);
  tracker.update([], []);
  expect([tracker.units, closed]).toEqual([[unit], 0]);
  tracker.close();
  expect(closed).toBe(1);
});

test("slices are the host's own", async () => {
  const one = await trackedNode();
  await one.tree.add(cgroupFiles('/system.slice', 'usage_usec 1\n'));
  one.tracker.update([], [{ name: 'system.slice', path: '/system.slice' }]);
  const fields = { cpu_usage_core_nanoseconds: 1000, memory_usage_bytes: 4096, pids: 3 };
  expect(readAll(one)).toEqual([
    { measurement: 'k8s_system', tags: { cluster: 'c', node: 'n', slice: 'system.slice' }, fields },
  ]);
  one.tracker.update([], []);
  expect([one.descriptors.open, one.forgotten]).toEqual([0, ['/system.slice']]);
});

test('a pod that is named keeps its rates, and what stood in for it is closed', async () => {
  const one = await trackedNode();
  const { pod, ...rest } = target();
  one.tracker.update([{ ...rest, pod: { ...pod, uid: 'unnamed/u1', unnamed: true } }], []);
  expect([one.tracker.pods, one.tracker.containers]).toEqual([0, 0]);
  expect(new Set(readAll(one).map(({ tags }) => tags['(unnamed)']))).toEqual(new Set(['u1']));
  one.tracker.update([target()], []);
  expect([one.tracker.pods, one.tracker.containers, one.forgotten]).toEqual([1, 1, []]);
  expect(new Set(readAll(one).map(({ tags }) => tags['pod']))).toEqual(new Set(['web-0']));
  one.tracker.update([], []);
  expect(one.forgotten.toSorted()).toEqual([podPath, `${podPath}/${'a'.repeat(64)}`]);
  expect(one.descriptors.open).toBe(0);
});

test('what was logged of a stand-in is not logged again of the pod, and goes with the pod', async () => {
  const one = await trackedNode();
  await one.tree.add({ [`sys/fs/cgroup${podPath}/pids.current`]: 'nonsense\n' });
  const { pod, ...rest } = target();
  one.tracker.update([{ ...rest, pod: { ...pod, uid: 'unnamed/u1', unnamed: true } }], []);
  readAll(one);
  expect(one.warnings).toEqual([expect.stringContaining('cannot understand')]);
  one.tracker.update([target()], []);
  readAll(one);
  expect([one.warnings.length, one.problems.counts.malformed, one.problems.marks]).toEqual([1, 2, 1]);
  one.tracker.update([], []);
  expect(one.problems.marks).toBe(0);
});
