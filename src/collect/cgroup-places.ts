import type { KernelDirectory } from '../host/kernel-file.ts';
import type { Controller } from '../locate/hierarchy.ts';
import type { Host } from './host.ts';

/** Where the files of one cgroup are, by controller: one object for all files of a directory. `undefined` where there is none. */
export function createCgroupPlaces(
  { hierarchy, problems, descriptors, now }: Host,
  path: string,
  owner: string,
): (controller: Controller) => KernelDirectory | undefined {
  const known = new Map<Controller, KernelDirectory | undefined>();
  return (controller) => {
    if (!known.has(controller)) {
      const directory = hierarchy.directory(controller, path);
      known.set(controller, directory === undefined ? undefined : { directory, owner, problems, descriptors, now });
    }
    return known.get(controller);
  };
}
