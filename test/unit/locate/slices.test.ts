import { expect, test, vi } from 'vitest';
import { detectHierarchy } from '../../../src/locate/hierarchy.ts';
import { createSliceList, listSlices } from '../../../src/locate/slices.ts';
import { createProblems } from '../../../src/problems.ts';
import { hostTree } from '../../support/host-tree.ts';
import type { HostEntries } from '../../support/host-tree.ts';

const id = 'c'.repeat(64);
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

function cgroups(...paths: readonly string[]): HostEntries {
  return {
    'sys/fs/cgroup/cgroup.controllers': 'cpu\n',
    ...Object.fromEntries(paths.map((path) => [`sys/fs/cgroup/${path}/`, ''])),
  };
}

test("the host's slices and services, without the pods, what is no service, and names that never come again", async () => {
  await using host = await hostTree(
    cgroups(
      'init.scope',
      'docker/abc',
      'system.slice/ssh.service/inner',
      'system.slice/cron.service',
      'system.slice/boot.mount',
      'system.slice/postgresql@15-main.service',
      `system.slice/run-r${'0af9'.repeat(8)}.scope`,
      'system.slice/run-u12.service',
      'system.slice/run-p815-i816.scope',
      'system.slice/run-4711.scope',
      'system.slice/run-parts.service',
      'system.slice/sshd@5-10.0.0.1:22-10.0.0.2:50000.service',
      'system.slice/sshd@0-fe80::1:22-fe80::2:50000.service',
      'system.slice/sshd@6-4711-10.0.0.1:22-10.0.0.2:50000.service',
      'system.slice/postgresql@15-2.service',
      'system.slice/systemd-coredump@0-1234-0.service',
      `system.slice/docker-${id}.scope`,
      `machine.slice/libpod-${id}.scope`,
      'user.slice/user-0.slice/session-1.scope',
      'kubelet.slice/kubelet-kubepods.slice/x',
      'kubepods.slice/kubepods-burstable.slice',
      'kubepods/podx',
    ),
  );
  const hierarchy = detectHierarchy(host.cgroupRoot);
  const problems = createProblems(silent);
  const names = [
    '/',
    'docker',
    'init.scope',
    'kubelet.slice',
    'machine.slice',
    'system.slice',
    'user.slice',
    'system.slice/cron.service',
    'system.slice/postgresql@15-2.service',
    'system.slice/postgresql@15-main.service',
    'system.slice/run-parts.service',
    'system.slice/ssh.service',
    'user.slice/user-0.slice',
  ];
  expect(listSlices(hierarchy, names.length, problems)).toEqual(
    names.map((name) => ({ name, path: name === '/' ? '/' : `/${name}` })),
  );
  expect(problems.counts.denied).toBe(0);
});

test('those beyond the limit are left out, the deeper ones first, which is counted, and logged once', async () => {
  await using host = await hostTree(cgroups('system.slice/a.service', 'system.slice/b.service', 'user.slice'));
  const hierarchy = detectHierarchy(host.cgroupRoot);
  const logged: string[] = [];
  const problems = createProblems({ ...silent, warn: (_data, message) => void logged.push(message) });
  for (let times = 0; times < 3; times += 1) {
    const slices = listSlices(hierarchy, 3, problems);
    expect(slices).toEqual([
      { name: '/', path: '/' },
      { name: 'system.slice', path: '/system.slice' },
      { name: 'user.slice', path: '/user.slice' },
    ]);
  }
  expect(logged).toEqual([
    `Too many slices and services below "${host.cgroupRoot}": "/system.slice/a.service" and others are left out`,
  ]);
  expect(problems.counts.denied).toBe(3);
});

test('a service that starts or ends is seen by inotify, and a version counts each change of the list', async () => {
  await using host = await hostTree(cgroups('system.slice/a.service'));
  using list = createSliceList({
    hierarchy: detectHierarchy(host.cgroupRoot),
    limit: 4,
    problems: createProblems(silent),
    now: () => 0,
  });
  const expectNames = async (...expected: readonly string[]): Promise<void> => {
    await vi.waitFor(
      () => {
        list.refresh();
        expect(list.list().map(({ name }) => name)).toEqual(expected);
      },
      { timeout: 30_000, interval: 2 },
    );
  };
  expect(list.version).toBe(0);
  await expectNames('/', 'system.slice', 'system.slice/a.service');
  await host.add(cgroups('system.slice/b.service'));
  await expectNames('/', 'system.slice', 'system.slice/a.service', 'system.slice/b.service');
  await host.add(cgroups('new.slice/c.service'));
  await expectNames('/', 'new.slice', 'system.slice', 'new.slice/c.service');
  await host.add(cgroups('new.slice/b.service'));
  await expectNames('/', 'new.slice', 'system.slice', 'new.slice/b.service');
  await host.remove('sys/fs/cgroup/new.slice');
  await expectNames('/', 'system.slice', 'system.slice/a.service', 'system.slice/b.service');

  const before = list.version;
  list.refresh();
  await host.add(cgroups('kubepods.slice', 'system.slice/a.service/inner'));
  await host.add(cgroups('last.slice'));
  await expectNames('/', 'last.slice', 'system.slice', 'system.slice/a.service');
  expect(list.version).toBe(before + 1);
});
