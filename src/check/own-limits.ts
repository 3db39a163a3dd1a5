/** What this process itself is allowed: descriptors and memory. */
import { parseCgroupProcs } from '../host/cgroup-procs.ts';
import { reservedDescriptors } from '../host/descriptors.ts';
import { parseOpenFilesLimit } from '../host/limits.ts';
import { parseProcCgroup } from '../host/proc-cgroup.ts';
import { parseLimit } from '../host/single-value.ts';
import type { Hierarchy } from '../locate/hierarchy.ts';
import { readOnce } from '../locate/process-files.ts';
import type { ProcessHost } from '../locate/process-files.ts';
import type { PodCgroup } from '../locate/tree.ts';
import { finding } from './finding.ts';
import type { Finding, Kinds } from './finding.ts';

export const limitKinds = {
  descriptors: { level: 'ok', what: 'descriptors', when: 'there are enough for all files that may be kept open' },
  fewDescriptors: {
    level: 'warn',
    what: 'descriptors',
    when: 'there are fewer than the files that may be kept open: the rest are opened for each read, which costs CPU',
    remedy: 'raise the limit of open files (LimitNOFILE of the runtime), or lower --max-descriptors (PODGAUGE_MAX_DESCRIPTORS)',
  },
  memory: { level: 'ok', what: 'memory limit', when: 'it is 128 MiB or more, or there is none' },
  littleMemory: {
    level: 'warn',
    what: 'memory limit',
    when: 'it is below 128 MiB: Node may be killed, or spend its time on collecting garbage',
    remedy: 'set resources.limits.memory of the container to 128Mi',
  },
} as const satisfies Kinds;

export function checkDescriptors(host: Omit<ProcessHost, 'procRoot'>, procRoot: string, most: number): readonly Finding[] {
  const soft = readOnce(host, `${procRoot}/self/limits`, '', parseOpenFilesLimit)?.soft;
  if (soft === undefined) return [];
  const wanted = most + reservedDescriptors;
  const says = `${soft} may be open, ${wanted} are wanted at most`;
  return [finding(soft === 'unlimited' || soft >= wanted ? limitKinds.descriptors : limitKinds.fewDescriptors, says)];
}

const leastBytes = 128 * 2 ** 20;

export interface OwnMemoryOptions extends ProcessHost {
  readonly hierarchy: Hierarchy;
  readonly pods: ReadonlyMap<string, PodCgroup>;
  /** Of this process, as `cgroup.procs` names it. */
  readonly pid: number;
}

/** The lowest limit from this process's own cgroup up. Nothing where its cgroup is not among those that are mounted here. */
export function checkMemory(options: OwnMemoryOptions): readonly Finding[] {
  const { hierarchy } = options;
  const own = ownPath(options);
  if (own === undefined) return [];
  const name = hierarchy.version === 2 ? 'memory.max' : 'memory.limit_in_bytes';
  let lowest: { readonly bytes: bigint; readonly path: string } | undefined;
  for (let path = own; path !== ''; path = path.slice(0, path.lastIndexOf('/'))) {
    const directory = hierarchy.directory('memory', path);
    const limit = directory === undefined ? undefined : readOnce(options, `${directory}/${name}`, '', parseLimit);
    if (limit === undefined || limit === 'max') continue;
    if (lowest === undefined || limit < lowest.bytes) lowest = { bytes: BigInt(limit), path };
  }
  if (lowest === undefined) return [finding(limitKinds.memory, `none for ${own}`)];
  const says = `${(Number(lowest.bytes) / 2 ** 20).toFixed(0)} MiB, of ${lowest.path}`;
  return [finding(lowest.bytes < leastBytes ? limitKinds.littleMemory : limitKinds.memory, says)];
}

/**
 * A path in /proc/self/cgroup is relative to the cgroup namespace of this process, which the mount need not be: only a cgroup that
 * lists this process is its own.
 */
function ownPath(options: OwnMemoryOptions): string | undefined {
  const { hierarchy, procRoot, pods, pid } = options;
  const memberships = readOnce(options, `${procRoot}/self/cgroup`, '', parseProcCgroup) ?? [];
  const told = memberships.find(({ controllers }) =>
    hierarchy.version === 2 ? controllers.length === 0 : controllers.includes('memory'),
  );
  const leaves = Array.from(pods.values()).flatMap((pod) => Array.from(pod.leaves.values()));
  return [...(told === undefined ? [] : [told.path]), ...leaves].find((path) => {
    const directory = hierarchy.directory('memory', path);
    if (directory === undefined) return false;
    return readOnce(options, `${directory}/cgroup.procs`, '', parseCgroupProcs)?.pids.includes(pid) === true;
  });
}
