import { expect, test } from 'vitest';
import { checkDescriptors, checkMemory, limitKinds } from '../../../src/check/own-limits.ts';
import { createDescriptors } from '../../../src/host/descriptors.ts';
import { detectHierarchy } from '../../../src/locate/hierarchy.ts';
import { createCgroupTree } from '../../../src/locate/tree.ts';
import { createProblems } from '../../../src/problems.ts';
import { hostTree } from '../../support/host-tree.ts';
import type { HostTree } from '../../support/host-tree.ts';
import { recordingLogger } from '../watch/running-watch.ts';
import { createSeen } from './seen.ts';

const seen = createSeen(limitKinds);
const v2 = { 'sys/fs/cgroup/cgroup.controllers': 'memory\n' };
const id = 'a'.repeat(64);
const pid = 4711;
const mebibyte = 2 ** 20;

const reading = () => ({
  problems: createProblems(recordingLogger([])),
  descriptors: createDescriptors({ max: 0 }),
  now: () => 0,
});

const limits = (soft: string) => ({ 'proc/self/limits': `Max open files            ${soft}   1048576   files     \n` });

test('descriptors: enough, no limit, too few, and not known', async () => {
  await using host = await hostTree(limits('4480'));
  const told = () => seen.told(checkDescriptors(reading(), host.procRoot, 4096));
  expect(told()).toEqual(['descriptors: 4480 may be open, 4480 are wanted at most']);
  await host.add(limits('unlimited'));
  expect(told()).toEqual(['descriptors: unlimited may be open, 4480 are wanted at most']);
  await host.add(limits('1024'));
  expect(told()).toEqual(['fewDescriptors: 1024 may be open, 4480 are wanted at most']);
  await host.remove('proc/self/limits');
  expect(told()).toEqual([]);
});

function memory(host: HostTree): readonly string[] {
  const hierarchy = detectHierarchy(host.cgroupRoot);
  const options = { ...reading(), hierarchy, procRoot: host.procRoot, pid };
  using tree = createCgroupTree(options);
  tree.refresh();
  return seen.told(checkMemory({ ...options, pods: tree.pods() }));
}

test('memory: the lowest limit from its own cgroup up', async () => {
  await using host = await hostTree({
    ...v2,
    'proc/self/cgroup': '0::/a/b\n',
    'sys/fs/cgroup/a/b/cgroup.procs': `1\n${pid}\n`,
    'sys/fs/cgroup/a/b/memory.max': 'max\n',
  });
  expect(memory(host)).toEqual(['memory: none for /a/b']);
  await host.add({ 'sys/fs/cgroup/a/memory.max': `${128 * mebibyte}\n` });
  expect(memory(host)).toEqual(['memory: 128 MiB, of /a']);
  await host.add({ 'sys/fs/cgroup/a/b/memory.max': `${64 * mebibyte}\n` });
  expect(memory(host)).toEqual(['littleMemory: 64 MiB, of /a/b']);
});

test("memory in a pod: the path that its cgroup namespace shows is another's on the host's mount; its container lists it", async () => {
  await using host = await hostTree({
    ...v2,
    'proc/self/cgroup': '0::/\n',
    'sys/fs/cgroup/cgroup.procs': '1\n2\n',
    [`sys/fs/cgroup/kubepods/podone/${id}/cgroup.procs`]: `${pid}\n`,
    [`sys/fs/cgroup/kubepods/podone/${id}/memory.max`]: `${96 * mebibyte}\n`,
  });
  expect(memory(host)).toEqual([`littleMemory: 96 MiB, of /kubepods/podone/${id}`]);
  await host.add({ [`sys/fs/cgroup/kubepods/podone/${id}/cgroup.procs`]: '1\n' });
  expect(memory(host)).toEqual([]);
});

test('memory on v1', async () => {
  await using host = await hostTree({
    'proc/self/cgroup': '4:pids:/x\n3:memory:/a\n0::/\n',
    'sys/fs/cgroup/memory/a/cgroup.procs': `${pid}\n`,
    'sys/fs/cgroup/memory/a/memory.limit_in_bytes': `${200 * mebibyte}\n`,
  });
  expect(memory(host)).toEqual(['memory: 200 MiB, of /a']);
  await host.add({ 'sys/fs/cgroup/memory/a/memory.limit_in_bytes': '9223372036854771712\n' });
  expect(memory(host)).toEqual(['memory: none for /a']);
});

test('each kind was seen', () => {
  expect(seen.unseen()).toEqual([]);
});
