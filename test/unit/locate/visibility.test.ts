import { expect, test } from 'vitest';
import { createDescriptors } from '../../../src/host/descriptors.ts';
import { detectHierarchy } from '../../../src/locate/hierarchy.ts';
import { diagnoseVisibility } from '../../../src/locate/visibility.ts';
import { createProblems } from '../../../src/problems.ts';
import { hostTree } from '../../support/host-tree.ts';
import type { HostTree } from '../../support/host-tree.ts';

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

function diagnose(host: HostTree): readonly string[] {
  return diagnoseVisibility({
    hierarchy: detectHierarchy(host.cgroupRoot),
    procRoot: host.procRoot,
    problems: createProblems(silent),
    descriptors: createDescriptors({ max: 0 }),
    now: () => 0,
  });
}

const v2 = { 'sys/fs/cgroup/cgroup.controllers': 'cpu\n' };

test('nothing to say where everything is seen, or nothing can be known', async () => {
  await using host = await hostTree({ ...v2, 'sys/fs/cgroup/cgroup.procs': '1\n' });
  await host.add({
    'proc/self/mountinfo':
      `25 1 0:23 / ${host.procRoot} rw - proc proc rw,hidepid=off\n` +
      '26 1 0:24 / /elsewhere rw - proc proc rw,hidepid=invisible\n',
  });
  expect(diagnose(host)).toEqual([]);
  await using bare = await hostTree(v2);
  expect(diagnose(bare)).toEqual([]);
  await using namespace = await hostTree({ ...v2, 'sys/fs/cgroup/cgroup.procs': '' });
  expect(diagnose(namespace)).toEqual([]);
});

test.each(['hidepid=1', 'hidepid=noaccess', 'hidepid=2', 'hidepid=invisible', 'hidepid=ptraceable'])('%s', async (option) => {
  await using host = await hostTree({ ...v2, 'sys/fs/cgroup/cgroup.procs': '1\n' });
  await host.add({ 'proc/self/mountinfo': `25 1 0:23 / ${host.procRoot} rw,nosuid shared:2 - proc proc rw,${option}\n` });
  expect(diagnose(host)).toEqual([
    `${host.procRoot} is mounted with ${option}: without CAP_SYS_PTRACE, or gid= of this process, no pod's network is seen`,
  ]);
});

test.each([
  ['v1', 'memory/', ''],
  ['v2', '', '0\n0\n'],
])('no hostPID on %s: nothing to say where the /proc of the host is mounted', async (_version, mount, procs) => {
  await using host = await hostTree({ ...(mount === '' ? v2 : {}), [`sys/fs/cgroup/${mount}cgroup.procs`]: procs });
  const line = `cgroup.procs names no process of the host, and ${host.procRoot} is not the host's: set hostPID, or mount the host's /proc and set --proc-root to where it is`;
  expect(diagnose(host)).toEqual([line]);
  await host.add({ 'proc/self/status': 'Pid:\t7\nNSpid:\t7\n' });
  expect(diagnose(host)).toEqual([line]);
  await host.add({ 'proc/self/status': 'Pid:\t4744\nNSpid:\t4744\t7\n' });
  expect(diagnose(host)).toEqual([]);
});
