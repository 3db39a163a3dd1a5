import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** `unified`: none, but the files that every cgroup of a v2 tree has. */
export type Controller = 'cpu' | 'cpuacct' | 'cpuset' | 'memory' | 'pids' | 'blkio' | 'hugetlb' | 'freezer' | 'unified';

/** Where the cgroups of a host are mounted. Paths of cgroups start with `/` and are relative to the root of a hierarchy. */
export interface Hierarchy {
  /** `hybrid`: v1 controllers, and a v2 tree without any beside them. */
  readonly kind: 'v1' | 'v2' | 'hybrid';
  /** Whose files its cgroups have. */
  readonly version: 1 | 2;
  /**
   * The directory of a cgroup in the hierarchy of a controller; `undefined` where that controller is not mounted, and of `unified` on
   * a hybrid host where it does not exist either: systemd makes its cgroups in all trees, and v2 first, others leave that out.
   */
  directory(controller: Controller, path: string): string | undefined;
  /** The root directory of the one hierarchy in which cgroups are looked for. */
  readonly walk: string;
}

/** v1 hierarchies in the order in which they are fit to be walked; `systemd` has no controller but every unit. */
const walkOrder = ['memory', 'cpu', 'cpuacct', 'pids', 'systemd'] as const;
/** Those that only some numbers are in: no runtime must put containers there. */
const others = ['cpuset', 'blkio', 'hugetlb', 'freezer'] as const;
const named: readonly string[] = [...walkOrder, ...others];

/**
 * Finds out what is mounted below the configured root by what lies there, so that a copy of a host does as well as a host:
 * `cgroup.controllers` is only ever in a v2 root, and v1 has one directory for each hierarchy, named by its controllers
 * (cgroups(7)). Throws an `Error` that says what to set when there is neither.
 */
export function detectHierarchy(configuredRoot: string): Hierarchy {
  const cgroupRoot = resolve(configuredRoot);
  if (isV2(cgroupRoot)) return v2At(cgroupRoot);
  const mounts = v1Mounts(cgroupRoot);
  const unified = join(cgroupRoot, 'unified');
  const hasController = walkOrder.some((name) => name !== 'systemd' && mounts.has(name));
  // Every controller can be kept off v1 (`cgroup_no_v1=all`): then they are all in the tree beside it.
  if (!hasController && isV2(unified)) return v2At(unified);

  const walk = walkOrder.map((name) => mounts.get(name)).find((mount) => mount !== undefined);
  if (walk === undefined) {
    throw new Error(
      `No cgroups below "${cgroupRoot}": expected cgroup.controllers (v2) or directories of v1 controllers; ` +
        "set --cgroup-root to where the host's /sys/fs/cgroup is mounted",
    );
  }
  const isHybrid = isV2(unified);
  return {
    kind: isHybrid ? 'hybrid' : 'v1',
    version: 1,
    directory(controller, path) {
      if (controller === 'unified') {
        const directory = directoryOf(unified, path);
        return isHybrid && existsSync(directory) ? directory : undefined;
      }
      const mount = mounts.get(controller);
      return mount === undefined ? undefined : directoryOf(mount, path);
    },
    walk,
  };
}

/** The directory of a cgroup below the root directory of a hierarchy. */
export function directoryOf(root: string, path: string): string {
  return path === '/' ? root : root + path;
}

/** The path of a cgroup in another one. */
export function childPath(parent: string, name: string): string {
  return parent === '/' ? `/${name}` : `${parent}/${name}`;
}

function isV2(directory: string): boolean {
  return existsSync(join(directory, 'cgroup.controllers'));
}

function v2At(root: string): Hierarchy {
  return { kind: 'v2', version: 2, directory: (_controller, path) => directoryOf(root, path), walk: root };
}

/** Controller → root directory. `cpu,cpuacct` is one hierarchy of both; its names are often symbolic links to it as well. */
function v1Mounts(cgroupRoot: string): ReadonlyMap<string, string> {
  const mounts = new Map<string, string>();
  for (const name of namesIn(cgroupRoot)) {
    const directory = join(cgroupRoot, name);
    const controllers = name.split(',').filter((part) => named.includes(part));
    // An empty directory is the place of a mount that was not made.
    if (controllers.length === 0 || namesIn(directory).length === 0) continue;
    for (const controller of controllers) mounts.set(controller, directory);
  }
  return mounts;
}

function namesIn(directory: string): readonly string[] {
  return statSync(directory, { throwIfNoEntry: false })?.isDirectory() === true ? readdirSync(directory).toSorted() : [];
}
