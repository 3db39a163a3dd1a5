import { expect, test } from 'vitest';
import { cgroupKinds, checkCgroupMount, checkPodCgroups } from '../../../src/check/cgroups.ts';
import { detectHierarchy } from '../../../src/locate/hierarchy.ts';
import { createCgroupTree } from '../../../src/locate/tree.ts';
import { createProblems } from '../../../src/problems.ts';
import { hostTree } from '../../support/host-tree.ts';
import type { HostEntries, HostTree } from '../../support/host-tree.ts';
import { recordingLogger } from '../watch/running-watch.ts';
import { createSeen } from './seen.ts';

const seen = createSeen(cgroupKinds);
const v2 = { 'sys/fs/cgroup/cgroup.controllers': 'cpuset cpu io memory pids\n' };
const id = 'a'.repeat(64);
const app = 'b'.repeat(64);

function mount({ cgroupRoot, path }: HostTree): readonly string[] {
  return seen.told(checkCgroupMount(cgroupRoot).findings).map((line) => line.replaceAll(path, ''));
}

function pods({ cgroupRoot, path }: HostTree): readonly string[] {
  const problems = createProblems(recordingLogger([]));
  const hierarchy = detectHierarchy(cgroupRoot);
  using tree = createCgroupTree({ hierarchy, problems, now: () => 0 });
  tree.refresh();
  return seen.told(checkPodCgroups(hierarchy, tree.pods(), problems)).map((line) => line.replaceAll(path, ''));
}

const readable = (path: string): HostEntries => ({
  [`sys/fs/cgroup${path}/${id}/`]: '',
  [`sys/fs/cgroup${path}/memory.current`]: '1\n',
  [`sys/fs/cgroup${path}/cgroup.procs`]: '',
});

test('v2, and v2 without controllers that are read', async () => {
  await using host = await hostTree(v2);
  expect(mount(host)).toEqual(['mounted: v2 at /sys/fs/cgroup, controllers cpuset, cpu, io, memory, pids']);
  await using poor = await hostTree({ 'sys/fs/cgroup/cgroup.controllers': 'cpu pids\n' });
  expect(mount(poor)).toEqual(['fewer: v2 at /sys/fs/cgroup, controllers cpu, pids; without memory, io']);
});

test('v1, hybrid, and v1 without memory', async () => {
  const names = ['cpu,cpuacct', 'memory', 'pids', 'blkio'];
  await using host = await hostTree(Object.fromEntries(names.map((name) => [`sys/fs/cgroup/${name}/kubepods/`, ''])));
  expect(mount(host)).toEqual(['mounted: v1 at /sys/fs/cgroup/memory, controllers cpu, cpuacct, memory, pids, blkio']);
  await host.add({ 'sys/fs/cgroup/unified/cgroup.controllers': '' });
  expect(mount(host)).toEqual(['mounted: hybrid at /sys/fs/cgroup/memory, controllers cpu, cpuacct, memory, pids, blkio']);
  await host.remove('sys/fs/cgroup/memory');
  expect(mount(host)).toEqual([
    'fewer: hybrid at /sys/fs/cgroup/cpu,cpuacct, controllers cpu, cpuacct, pids, blkio; without memory',
  ]);
});

test('no cgroups at all', async () => {
  await using host = await hostTree();
  expect(mount(host)).toEqual([
    'missing: No cgroups below "/sys/fs/cgroup": expected cgroup.controllers (v2) or directories of v1 controllers',
  ]);
  expect(checkCgroupMount(`${host.path}/nowhere`).hierarchy).toBeUndefined();
});

test('each driver by its names, and both', async () => {
  const systemd = '/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podone.slice';
  await using host = await hostTree({ ...v2, ...readable(systemd) });
  expect(pods(host)).toEqual(['driver: systemd, by the names of 1 pods', 'readable: those of 1 pods were read']);
  await host.add(readable('/kubepods/burstable/podtwo'));
  expect(pods(host)).toEqual(['drivers: 1 pods as of systemd, 1 as of cgroupfs', 'readable: those of 2 pods were read']);
  await using cgroupfs = await hostTree({ ...v2, ...readable('/kubepods/burstable/podtwo') });
  expect(pods(cgroupfs)[0]).toBe('driver: cgroupfs, by the names of 1 pods');
});

test("containers outside of their pods: the runtime's driver is another", async () => {
  await using host = await hostTree({
    ...v2,
    [`sys/fs/cgroup/system.slice/containerd.service/kubepods-podone.slice:cri-containerd:${app}/`]: '',
  });
  expect(pods(host)[0]).toBe('stray: containers of 1 pods, such as one');
});

test("no pod, on the host's own tree and in a container's", async () => {
  await using host = await hostTree(v2);
  expect(pods(host)).toEqual(['empty: no pod below /sys/fs/cgroup']);
  await host.add({ 'sys/fs/cgroup/cgroup.type': 'domain\n' });
  expect(pods(host)).toEqual(['empty: no pod below /sys/fs/cgroup, which is the root of a cgroup namespace']);
});

test('files that may not be read', async () => {
  const path = '/kubepods/burstable/podtwo';
  await using host = await hostTree({ ...v2, ...readable(path) });
  // A directory in a file's place is refused to root, too.
  await host.remove(`sys/fs/cgroup${path}/memory.current`);
  await host.add({ [`sys/fs/cgroup${path}/memory.current/`]: '' });
  expect(pods(host)[1]).toBe(`denied: /sys/fs/cgroup${path}/memory.current: EISDIR`);
});

test('each kind was seen', () => {
  expect(seen.unseen()).toEqual([]);
});
