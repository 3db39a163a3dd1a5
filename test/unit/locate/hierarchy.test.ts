import { join } from 'node:path';
import { expect, test } from 'vitest';
import { detectHierarchy } from '../../../src/locate/hierarchy.ts';
import type { Controller } from '../../../src/locate/hierarchy.ts';
import { hostTree } from '../../support/host-tree.ts';
import type { HostEntries } from '../../support/host-tree.ts';

const controllers: readonly Controller[] = ['cpu', 'cpuacct', 'memory', 'pids'];

/** What is found below a host's `/sys/fs/cgroup`, its own path cut off. */
async function detect(entries: HostEntries) {
  await using host = await hostTree(entries);
  const { kind, version, walk, directory } = detectHierarchy(`${host.cgroupRoot}/`);
  const cut = (path: string | undefined): string | undefined => path?.slice(host.cgroupRoot.length);
  const directories = controllers.map((controller) => [
    controller,
    cut(directory(controller, '/a/b')),
    cut(directory(controller, '/')),
  ]);
  return { kind, version, walk: cut(walk), directories };
}

test('v2 has one directory for every controller', async () => {
  expect(await detect({ 'sys/fs/cgroup/cgroup.controllers': 'cpu io memory pids\n' })).toEqual({
    kind: 'v2',
    version: 2,
    walk: '',
    directories: controllers.map((controller) => [controller, '/a/b', '']),
  });
});

test('v1 has one for each hierarchy, and links to the ones of two controllers', async () => {
  const found = await detect({
    'sys/fs/cgroup/cpu,cpuacct/tasks': '',
    'sys/fs/cgroup/cpu': { link: 'cpu,cpuacct' },
    'sys/fs/cgroup/cpuacct': { link: 'cpu,cpuacct' },
    'sys/fs/cgroup/memory/tasks': '',
    'sys/fs/cgroup/pids/tasks': '',
    'sys/fs/cgroup/systemd/tasks': '',
  });
  expect(found).toEqual({
    kind: 'v1',
    version: 1,
    walk: '/memory',
    directories: [
      ['cpu', '/cpu,cpuacct/a/b', '/cpu,cpuacct'],
      ['cpuacct', '/cpuacct/a/b', '/cpuacct'],
      ['memory', '/memory/a/b', '/memory'],
      ['pids', '/pids/a/b', '/pids'],
    ],
  });
});

test('two controllers in either order, without links, and a memory controller that is off', async () => {
  const found = await detect({
    'sys/fs/cgroup/cpuacct,cpu/tasks': '',
    'sys/fs/cgroup/systemd/tasks': '',
    'sys/fs/cgroup/memory/': '',
    'sys/fs/cgroup/pids': { link: 'nowhere' },
  });
  expect(found).toEqual({
    kind: 'v1',
    version: 1,
    walk: '/cpuacct,cpu',
    directories: [
      ['cpu', '/cpuacct,cpu/a/b', '/cpuacct,cpu'],
      ['cpuacct', '/cpuacct,cpu/a/b', '/cpuacct,cpu'],
      ['memory', undefined, undefined],
      ['pids', undefined, undefined],
    ],
  });
});

test('hybrid has its controllers in v1', async () => {
  const found = await detect({
    'sys/fs/cgroup/unified/cgroup.controllers': '\n',
    'sys/fs/cgroup/memory/tasks': '',
    'sys/fs/cgroup/systemd/tasks': '',
  });
  expect(found).toMatchObject({ kind: 'hybrid', version: 1, walk: '/memory' });
});

test('with every controller kept off v1 the tree beside it is the one', async () => {
  const found = await detect({ 'sys/fs/cgroup/unified/cgroup.controllers': 'cpu memory\n', 'sys/fs/cgroup/systemd/tasks': '' });
  expect(found).toMatchObject({ kind: 'v2', version: 2, walk: '/unified' });
});

test('the units of systemd are walked where there is nothing else', async () => {
  expect(await detect({ 'sys/fs/cgroup/systemd/tasks': '' })).toMatchObject({ kind: 'v1', walk: '/systemd' });
});

test.each([
  ['an empty directory', {}],
  ['unknown directories and files', { 'sys/fs/cgroup/blkio/tasks': '', 'sys/fs/cgroup/memory': 'a file' }],
])('%s is refused in one line that says what to set', async (_case, entries: HostEntries) => {
  await using host = await hostTree(entries);
  expect(() => detectHierarchy(host.cgroupRoot)).toThrow(
    new Error(
      `No cgroups below "${host.cgroupRoot}": expected cgroup.controllers (v2) or directories of v1 controllers; ` +
        "set --cgroup-root to where the host's /sys/fs/cgroup is mounted",
    ),
  );
  expect(() => detectHierarchy(join(host.path, 'missing'))).toThrow('No cgroups below');
});
