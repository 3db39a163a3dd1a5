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
    { timeout: 5000, interval: 2 },
  );
  const late = Object.fromEntries(Array.from({ length: 5 }, (_value, index) => [`sys/fs/cgroup/kubepods/pod${index}/`, '']));
  await host.add(late);
  await vi.waitFor(
    () => {
      directories.refresh();
      expect(pods()).toHaveLength(3);
    },
    { timeout: 5000, interval: 2 },
  );
  expect(logged).toHaveLength(1);
  expect(logged[0]).toMatch(/^Too many cgroups below ".*": "\/crowd\/\d+" and others are left out$/);
  directories.close();
});

test('nothing is read while nothing changes', async () => {
  await using host = await hostTree({ 'sys/fs/cgroup/kubepods/podx/': '' });
  const directories = createPodDirectories({ root: host.cgroupRoot, problems: createLog().problems, now: () => 0 });
  expect(directories.refresh()).toBe(true);
  expect(directories.refresh()).toBe(false);
  directories.close();
});
