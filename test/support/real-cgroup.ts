import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { CgroupHost, RealContainer, RealPod } from './cgroup-host.ts';
import type { Asked } from './kernel-values.ts';
import { removeCgroup } from './remove-cgroup.ts';

const mounted = '/sys/fs/cgroup';
/** Those of v1 that a runtime makes too, beside those of `cgroupHost`. */
const moreOfV1 = ['blkio', 'cpuset', 'hugetlb', 'freezer'];

/** One real cgroup by its path, whatever the version. */
export interface RealCgroup {
  /** Of its processes. */
  pids(): readonly string[];
  /** The text of a file; `undefined` where there is none. */
  read(file: string): string | undefined;
  write(file: string, text: string): void;
  /** What the kernel says of it now: the files are read when first asked for, and kept. */
  snapshot(): Asked;
}

export interface RealCgroupOptions {
  readonly version: 1 | 2;
  readonly path: string;
  /** Where they are mounted. */
  readonly root?: string;
}

export function realCgroup({ version, path, root = mounted }: RealCgroupOptions): RealCgroup {
  const pathOf = (file: string): string =>
    version === 2 ? `${root}${path}/${file}` : `${root}/${file.slice(0, file.indexOf('.'))}${path}/${file}`;
  const read = (file: string): string | undefined => textOf(pathOf(file));
  return {
    pids: () => pidsOf(version === 2 ? `${root}${path}` : `${root}/pids${path}`),
    read,
    write: (file, text) => writeFileSync(pathOf(file), text),
    snapshot() {
      const kept = new Map<string, string | undefined>();
      const readOnce = (file: string): string | undefined => {
        if (!kept.has(file)) kept.set(file, read(file));
        return kept.get(file);
      };
      const above = path.lastIndexOf('/') > 0 ? realCgroup({ version, root, path: dirname(path) }).snapshot() : undefined;
      return { version, read: readOnce, above: above === undefined ? [] : [above.read, ...(above.above ?? [])] };
    },
  };
}

/** Removes what `useMoreControllers` makes of v1 below a prefix, when no process is in it any more. */
export function moreControllers(prefix: string): AsyncDisposable {
  return {
    async [Symbol.asyncDispose]() {
      for (const controller of moreOfV1) await removeCgroup(`${mounted}/${controller}/${prefix}`);
    },
  };
}

/** Puts a pod and its processes under the controllers that `cgroupHost` leaves out, where this kernel has them. */
export function useMoreControllers({ version }: CgroupHost, { path, containers }: RealPod): void {
  if (version === 2) {
    for (const parent of parentsOf(containers[0]?.path ?? path))
      writeFileSync(`${mounted}${parent}/cgroup.subtree_control`, '+io');
    return;
  }
  for (const controller of moreOfV1.filter((name) => existsSync(`${mounted}/${name}`))) {
    for (const container of containers) enter(controller, container);
  }
}

/** Its first process, from which all others come that are not there yet. */
function enter(controller: string, { path, process }: RealContainer): void {
  for (const cgroup of [...parentsOf(path).slice(1), path]) {
    mkdirSync(`${mounted}/${controller}${cgroup}`, { recursive: true });
    if (controller === 'cpuset') inherit(cgroup);
  }
  if (process?.pid !== undefined) writeFileSync(`${mounted}/${controller}${path}/cgroup.procs`, String(process.pid));
}

/** A new cpuset of v1 has neither CPUs nor memory. */
function inherit(cgroup: string): void {
  for (const file of ['cpuset.cpus', 'cpuset.mems']) {
    writeFileSync(`${mounted}/cpuset${cgroup}/${file}`, textOf(`${mounted}/cpuset${dirname(cgroup)}/${file}`) ?? '');
  }
}

/** From the root, which is the empty path, to the one above. */
function parentsOf(path: string): readonly string[] {
  const parent = path.slice(0, -basename(path).length - 1);
  return parent === '' ? [''] : [...parentsOf(parent), parent];
}

function pidsOf(directory: string): readonly string[] {
  return (textOf(`${directory}/cgroup.procs`) ?? '').split('\n').filter((pid) => pid !== '');
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // This kernel has none, or its cgroup is gone.
    return undefined;
  }
}
