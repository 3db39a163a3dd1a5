/** Hosts with the cgroups and processes of one pod, and a finder on them. */
import { createDescriptors } from '../../../src/host/descriptors.ts';
import { detectHierarchy } from '../../../src/locate/hierarchy.ts';
import { createProcessFinder } from '../../../src/locate/process.ts';
import type { Target } from '../../../src/locate/targets.ts';
import { createProblems } from '../../../src/problems.ts';
import type { HostEntries, HostTree } from '../../support/host-tree.ts';

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
export const v2 = { 'sys/fs/cgroup/cgroup.controllers': 'cpu\n', 'sys/fs/cgroup/cgroup.procs': '1\n2\n' };
/** The same without hostPID. */
export const v2Foreign = { ...v2, 'sys/fs/cgroup/cgroup.procs': '0\n0\n' };
export const sandbox = '0'.repeat(64);
export const app = 'a'.repeat(64);
export const sidecar = 'b'.repeat(64);
export const podPath = '/kubepods/podone';

interface FakeProcess {
  readonly comm?: string;
  readonly start?: number;
  readonly state?: string;
  /** As `/proc/<pid>/cgroup` shows it. */
  readonly cgroup?: string;
}

/** `/proc/<pid>` of processes, in the container `id` unless said. */
export function processes(id: string, pids: Record<number, FakeProcess>): HostEntries {
  const entries: Record<string, string> = {};
  for (const [pid, { comm = 'app', start = 100, state = 'S', cgroup = `${podPath}/${id}` }] of Object.entries(pids)) {
    const zeros = Array.from({ length: 18 }, () => '0').join(' ');
    entries[`proc/${pid}/stat`] = `${pid} (${comm}) ${state} ${zeros} ${start} 0 0\n`;
    entries[`proc/${pid}/cgroup`] = `0::${cgroup}\n`;
  }
  return entries;
}

/** Containers' cgroups, as the hierarchy that is walked shows them. */
export function procs(lists: Record<string, readonly number[]>, mount = ''): HostEntries {
  const entries: Record<string, string> = {};
  for (const [name, pids] of Object.entries(lists)) {
    entries[`sys/fs/cgroup${mount}${podPath}/${name}/cgroup.procs`] = pids.map((pid) => `${pid}\n`).join('');
  }
  return entries;
}

export function targetOf(containers: readonly string[], others: readonly string[]): Target {
  return {
    pod: {
      uid: 'one',
      cgroupUid: 'one',
      namespace: 'shop',
      name: 'cart',
      workloadKind: 'none',
      workload: 'none',
      qos: 'Guaranteed',
      hostNetwork: false,
      containers: [],
    },
    path: podPath,
    containers: containers.map((name) => ({ container: { name, state: 'running' }, path: `${podPath}/${name}` })),
    others: others.map((name) => `${podPath}/${name}`),
    detached: false,
  };
}

export const both = targetOf([app], [sandbox]);

export function finderOf(host: HostTree) {
  const clock = { time: 0 };
  const problems = createProblems(silent);
  const finder = createProcessFinder({
    hierarchy: detectHierarchy(host.cgroupRoot),
    procRoot: host.procRoot,
    problems,
    descriptors: createDescriptors({ max: 0 }),
    now: () => clock.time,
  });
  return { finder, clock, problems };
}
