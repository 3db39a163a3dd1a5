import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { createPodDirectories } from '../../../src/locate/pod-directories.ts';
import { createProblems } from '../../../src/problems.ts';
import { hostTree } from '../../support/host-tree.ts';

function createLog() {
  const logged: string[] = [];
  const log = (_data: object, message: string): void => void logged.push(message);
  return { logged, problems: createProblems({ debug: log, info: log, warn: log, error: log }) };
}

test('directories beyond the bound are left out and reported once, and leave room for pods that come later', async () => {
  const crowd = Object.fromEntries(Array.from({ length: 20 }, (_value, index) => [`sys/fs/cgroup/crowd/${index}/`, '']));
  await using host = await hostTree(crowd);
  const { logged, problems } = createLog();
  const options = { root: host.cgroupRoot, problems, now: () => 0, bounds: { all: 12, searched: 8 } };
  const directories = createPodDirectories(options);
  const pods = (): readonly string[] => Array.from(directories.holders(), ({ name }) => name).toSorted();
  directories.refresh();
  expect(problems.counts.denied).toBe(14);
  await host.add({ 'sys/fs/cgroup/kubepods/podx/': '' });
  await vi.waitFor(
    () => {
      directories.refresh();
      expect(pods()).toEqual(['podx']);
    },
    { timeout: 30_000, interval: 2 },
  );
  const late = Object.fromEntries(Array.from({ length: 5 }, (_value, index) => [`sys/fs/cgroup/kubepods/pod${index}/`, '']));
  await host.add(late);
  await vi.waitFor(
    () => {
      directories.refresh();
      expect(pods()).toHaveLength(3);
    },
    { timeout: 30_000, interval: 2 },
  );
  expect(logged).toHaveLength(1);
  expect(logged[0]).toMatch(/^Too many cgroups below ".*": "\/crowd\/\d+" and others are left out$/);
  directories.close();
});

test('nothing is read while nothing changes, and everything once a minute', async () => {
  await using host = await hostTree({ 'sys/fs/cgroup/kubepods/podx/': '', 'sys/fs/cgroup/a/b/c/': '' });
  const clock = { ms: 0 };
  const directories = createPodDirectories({ root: host.cgroupRoot, problems: createLog().problems, now: () => clock.ms });
  const pods = (): readonly string[] => Array.from(directories.holders(), ({ name }) => name).toSorted();
  expect(directories.refresh()).toBe(true);
  expect(directories.refresh()).toBe(false);
  // Too deep for a watch: only who reads it can know.
  await host.add({ 'sys/fs/cgroup/a/b/c/kubepods/pody/': '' });
  clock.ms = 59_999;
  expect(directories.refresh()).toBe(false);
  expect(pods()).toEqual(['podx']);
  clock.ms = 60_000;
  expect(directories.refresh()).toBe(true);
  expect(pods()).toEqual(['podx', 'pody']);
  directories.close();
});

test('while the process is out of descriptors what is known stays, and is looked at again ten seconds later', async () => {
  await using host = await hostTree({
    'sys/fs/cgroup/cgroup.controllers': 'cpu\n',
    'sys/fs/cgroup/kubepods/podx/': '',
    'sys/fs/cgroup/system.slice/a.service/': '',
  });
  const program = fileURLToPath(new URL('busy-program.ts', import.meta.url));
  const few = ['-c', 'ulimit -n 64 && exec "$@"', 'sh', process.execPath, program, host.cgroupRoot];
  const { stdout, stderr } = spawnSync('sh', few, { encoding: 'utf8' });
  expect(stderr).toBe('');
  const before = 'podx / system.slice system.slice/a.service';
  const after = 'podx pody / system.slice system.slice/a.service system.slice/b.service';
  const { seen, denied } = JSON.parse(stdout);
  expect(seen).toEqual([before, before, before, before, after]);
  expect(denied).toBeGreaterThan(0);
});
