import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

const root = '/sys/fs/cgroup';
const controllers = ['cpu', 'cpuacct', 'memory', 'pids'];

/** What to give an agent as its cgroup root that is to see the cgroups below `prefix` alone; on v1 it is made in `folder`. */
export function cgroupRootOf(prefix: string, folder: string): string {
  if (existsSync(join(root, 'cgroup.controllers'))) return join(root, prefix);
  const own = join(folder, 'cgroup');
  mkdirSync(own);
  for (const controller of controllers) symlinkSync(join(root, controller, prefix), join(own, controller));
  return own;
}

/** Makes a further cgroup, in every hierarchy. */
export function makeCgroup(path: string): void {
  const isUnified = existsSync(join(root, 'cgroup.controllers'));
  for (const directory of isUnified ? [root] : controllers.map((controller) => join(root, controller))) {
    mkdirSync(join(directory, path));
  }
}
