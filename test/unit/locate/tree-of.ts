import { detectHierarchy } from '../../../src/locate/hierarchy.ts';
import { createCgroupTree } from '../../../src/locate/tree.ts';
import type { CgroupTree } from '../../../src/locate/tree.ts';
import { createProblems } from '../../../src/problems.ts';
import type { HostEntries, HostTree } from '../../support/host-tree.ts';

export const v2 = { 'sys/fs/cgroup/cgroup.controllers': 'cpu memory pids\n' };

/** Directories of cgroups in the hierarchy that is walked. */
export function cgroups(root: string, ...paths: readonly string[]): HostEntries {
  return Object.fromEntries(paths.map((path) => [`sys/fs/cgroup${root}${path}/`, '']));
}

/** A tree whose clock stands still unless moved: what it finds after its first look, it finds by inotify. */
export function treeOf(host: HostTree): { readonly tree: CgroupTree; readonly clock: { time: number } } {
  const problems = createProblems({ debug: () => {}, info: () => {}, warn: () => {}, error: () => {} });
  const clock = { time: 0 };
  const tree = createCgroupTree({ hierarchy: detectHierarchy(host.cgroupRoot), problems, now: () => clock.time });
  tree.refresh();
  return { tree, clock };
}
