import { expect, onTestFinished, test } from 'vitest';
import { collectors } from '../../../src/collect/collectors.ts';
import { createTracker } from '../../../src/collect/tracker.ts';
import { createDescriptors } from '../../../src/host/descriptors.ts';
import { detectHierarchy } from '../../../src/locate/hierarchy.ts';
import { createProcessFinder } from '../../../src/locate/process.ts';
import type { Target } from '../../../src/locate/targets.ts';
import type { Container, Pod } from '../../../src/model.ts';
import { createProblems } from '../../../src/problems.ts';
import { hostTree } from '../../support/host-tree.ts';

const podPath = '/kubepods/podu1';
const netDev = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 10 1 0 0 0 0 0 0 10 1 0 0 0 0 0 0
  eth0: 100 2 3 4 0 0 0 0 200 5 6 7 0 0 0 0
  net1: 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0
`;
const routes =
  'Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\nnet1\t00000000\t0100000A\t0003\t0\t0\t0\t00000000\t0\t0\t0\n';

function cgroupFiles(path: string, cpu: string): Record<string, string> {
  const at = `sys/fs/cgroup${path}`;
  return {
    [`${at}/cpu.stat`]: cpu,
    [`${at}/memory.current`]: '4096\n',
    [`${at}/pids.current`]: '3\n',
    [`${at}/pids.max`]: 'max\n',
  };
}

async function node() {
  const tree = await hostTree({
    'sys/fs/cgroup/cgroup.controllers': 'cpu memory pids\n',
    ...cgroupFiles(podPath, 'usage_usec 9\nuser_usec 4\nsystem_usec 5\n'),
    ...cgroupFiles(`${podPath}/${'a'.repeat(64)}`, 'usage_usec 7\n'),
    [`sys/fs/cgroup${podPath}/${'a'.repeat(64)}/cgroup.procs`]: '42\n',
    'proc/42/stat': '42 (app) S 1 42 42 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 500 0 0\n',
    'proc/42/cgroup': `0::${podPath}/${'a'.repeat(64)}\n`,
    'proc/42/net/dev': netDev,
    'proc/42/net/route': routes,
    'proc/1/net/dev': netDev,
  });
  onTestFinished(() => tree[Symbol.asyncDispose]());
  const warnings: string[] = [];
  const nothing = (): void => undefined;
  const log = {
    debug: nothing,
    info: nothing,
    error: nothing,
    warn: (_: object, message: string) => void warnings.push(message),
  };
  const problems = createProblems(log);
  const descriptors = createDescriptors({ max: 100 });
  const hierarchy = detectHierarchy(tree.cgroupRoot);
  const processHost = { hierarchy, procRoot: tree.procRoot, problems, descriptors, now: () => 1000 };
  const host = { ...processHost, processes: createProcessFinder(processHost), collectors };
  const forgotten: string[] = [];
  const nodeTags = { cluster: 'c', node: 'n' };
  const tracker = createTracker({ host, nodeTags, network: true, forget: (path) => void forgotten.push(path) });
  return { tree, tracker, descriptors, problems, forgotten, warnings };
}

function target(change: Partial<Pod> = {}, containers: readonly Container[] = [running('app', 'a')]): Target {
  const pod: Pod = {
    uid: 'u1',
    cgroupUid: 'u1',
    namespace: 'shop',
    name: 'web-0',
    workloadKind: 'StatefulSet',
    workload: 'web',
    qos: 'Guaranteed',
    hostNetwork: false,
    containers,
    ...change,
  };
  const found = containers.map((container) => ({ container, path: `${podPath}/${container.id}` }));
  return { pod, path: podPath, containers: found, others: [], detached: false };
}

function running(name: string, letter: string): Container {
  return { name, id: letter.repeat(64), state: 'running' };
}

function readAll({ tracker }: Awaited<ReturnType<typeof node>>) {
  const readings = tracker.units.flatMap((unit) => unit.read(Infinity));
  return readings.map(({ series: { measurement, tags }, values }) => ({
    measurement,
    tags,
    fields: JSON.parse(JSON.stringify(values.fields)),
  }));
}

const podTags = {
  cluster: 'c',
  node: 'n',
  namespace: 'shop',
  pod: 'web-0',
  qos: 'Guaranteed',
  workload: 'web',
  workload_kind: 'StatefulSet',
};

test('reads the pod, its containers and its network, with what is there and nothing else', async () => {
  const one = await node();
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
      fields: { cpu_usage_core_nanoseconds: 9000, cpu_user_nanoseconds: 4000, cpu_system_nanoseconds: 5000, ...memory },
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
  const one = await node();
  one.tracker.update([target({ hostNetwork: true })], []);
  expect(readAll(one).map(({ measurement }) => measurement)).toEqual(['k8s_pod', 'k8s_container']);
});

test('tags are the same objects from cycle to cycle, so that their bytes are kept', async () => {
  const one = await node();
  one.tracker.update([target()], []);
  const first = readAll(one).map(({ tags }) => tags);
  one.tracker.update([target()], []);
  for (const [i, { tags }] of readAll(one).entries()) expect(tags).toBe(first[i]);
});

test('a container that was restarted is another one; the others stay open', async () => {
  const one = await node();
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
  const one = await node();
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
  const one = await node();
  one.tracker.update([target()], []);
  readAll(one);
  one.tracker.update([target({ qos: 'Burstable' })], []);
  const tags = readAll(one).map((reading) => reading.tags['qos']);
  expect(new Set(tags)).toEqual(new Set(['Burstable']));
  one.tracker.update([], []);
  expect(one.descriptors.open).toBe(0);
});

test("where the containers lie elsewhere the pod's own cgroup is not read: its zeros would be false", async () => {
  const one = await node();
  one.tracker.update([{ ...target(), detached: true }], []);
  expect(readAll(one).map(({ measurement }) => measurement)).not.toContain('k8s_pod');
});

test('nothing is read after the deadline', async () => {
  const one = await node();
  one.tracker.update([target()], []);
  expect(one.tracker.units.flatMap((unit) => unit.read(999))).toEqual([]);
});

test("slices are the host's own", async () => {
  const one = await node();
  await one.tree.add(cgroupFiles('/system.slice', 'usage_usec 1\n'));
  one.tracker.update([], [{ name: 'system.slice', path: '/system.slice' }]);
  const fields = { cpu_usage_core_nanoseconds: 1000, memory_usage_bytes: 4096, pids: 3 };
  expect(readAll(one)).toEqual([
    { measurement: 'k8s_system', tags: { cluster: 'c', node: 'n', slice: 'system.slice' }, fields },
  ]);
  one.tracker.update([], []);
  expect([one.descriptors.open, one.forgotten]).toEqual([0, ['/system.slice']]);
});
