/** The cgroups of this host: mounted, of which version, with which controllers, named by which driver, readable. */
import type { ProcessHost } from '../locate/process-files.ts';
import { detectHierarchy, directoryOf } from '../locate/hierarchy.ts';
import type { Controller, Hierarchy } from '../locate/hierarchy.ts';
import type { PodCgroup } from '../locate/tree.ts';
import { finding, someOf } from './finding.ts';
import type { Finding, Kinds } from './finding.ts';
import { readText } from './read-text.ts';

const root = '--cgroup-root (PODGAUGE_CGROUP_ROOT)';

export const cgroupKinds = {
  mounted: { level: 'ok', what: 'cgroups', when: 'they are found, with all controllers that are read' },
  missing: {
    level: 'FAIL',
    what: 'cgroups',
    when: 'there are none below the configured root: nothing can be collected',
    remedy: `mount the host's /sys/fs/cgroup read-only, and set ${root} to where it is`,
  },
  fewer: {
    level: 'warn',
    what: 'cgroups',
    when: 'controllers are missing: what only they tell is absent',
    remedy: 'enable them in cgroup.subtree_control of the parents (v2), or on the kernel command line (cgroup_enable=memory)',
  },
  driver: { level: 'ok', what: 'cgroup driver', when: 'pods were found, named as this driver of the kubelet names them' },
  drivers: {
    level: 'warn',
    what: 'cgroup driver',
    when: "pods are named in both drivers' ways: the kubelet's was changed",
    remedy: 'reboot the node when its pods are drained',
  },
  stray: {
    level: 'warn',
    what: 'cgroup driver',
    when: "containers are outside of their pods' cgroups: the runtime has another driver than the kubelet, and a pod's own numbers say nothing",
    remedy: 'set SystemdCgroup = true for runc in the configuration of containerd',
  },
  empty: {
    level: 'warn',
    what: 'cgroup driver',
    when: 'there is no pod in the cgroups',
    remedy: `start a pod on this node, or set ${root} to the host's own mount: a container sees only itself in its own`,
  },
  readable: { level: 'ok', what: 'cgroup files', when: "pods' files are read" },
  denied: {
    level: 'FAIL',
    what: 'cgroup files',
    when: "files of pods' cgroups are there and cannot be read",
    remedy: 'look at SELinux (type spc_t) and AppArmor (unconfined), and at the modes of the files',
  },
} as const satisfies Kinds;

export interface CgroupReport {
  readonly findings: readonly Finding[];
  /** Absent where there are no cgroups. */
  readonly hierarchy?: Hierarchy;
}

const controllersOfV1: readonly Controller[] = ['cpu', 'cpuacct', 'memory', 'pids', 'blkio'];
const controllersOfV2 = ['cpu', 'memory', 'io', 'pids'] as const;

export function checkCgroupMount(cgroupRoot: string): CgroupReport {
  let hierarchy: Hierarchy;
  try {
    hierarchy = detectHierarchy(cgroupRoot);
  } catch (error) {
    return {
      findings: [finding(cgroupKinds.missing, String(error instanceof Error ? error.message : error).replace(/;.*/, ''))],
    };
  }
  const { kind, version, walk } = hierarchy;
  const has =
    version === 2 ? controllersIn(walk) : controllersOfV1.filter((name) => hierarchy.directory(name, '/') !== undefined);
  const wanted: readonly string[] = version === 2 ? controllersOfV2 : controllersOfV1;
  const lacks = wanted.filter((name) => !has.some((one) => one === name));
  const says = `${kind} at ${walk}, controllers ${has.join(', ')}`;
  return {
    hierarchy,
    findings: [
      lacks.length === 0
        ? finding(cgroupKinds.mounted, says)
        : finding(cgroupKinds.fewer, `${says}; without ${lacks.join(', ')}`),
    ],
  };
}

function controllersIn(directory: string): readonly string[] {
  const { text = '' } = readText(`${directory}/cgroup.controllers`);
  return text.split(/\s+/).filter((name) => name !== '');
}

const podsRead = 5;
const filesOfV1: readonly (readonly [Controller, string])[] = [
  ['memory', 'memory.usage_in_bytes'],
  ['cpuacct', 'cpuacct.usage'],
  ['pids', 'cgroup.procs'],
];
const filesOfV2: readonly (readonly [Controller, string])[] = [
  ['memory', 'memory.current'],
  ['cpu', 'cpu.stat'],
  ['pids', 'cgroup.procs'],
];

/** What the pods' cgroups say of the kubelet, and whether they can be read: of a few pods, one is as another. */
export function checkPodCgroups(
  hierarchy: Hierarchy,
  pods: ReadonlyMap<string, PodCgroup>,
  problems: ProcessHost['problems'],
): readonly Finding[] {
  if (pods.size === 0) {
    // Only a cgroup below the root of all has a type.
    const nested = hierarchy.version === 2 && readText(`${hierarchy.walk}/cgroup.type`).text !== undefined;
    const denied = problems.counts.denied === 0 ? '' : `, ${problems.counts.denied} directories cannot be read`;
    return [
      finding(
        cgroupKinds.empty,
        `no pod below ${hierarchy.walk}${nested ? ', which is the root of a cgroup namespace' : ''}${denied}`,
      ),
    ];
  }
  return [driver(Array.from(pods.values())), files(hierarchy, Array.from(pods.values()))];
}

function driver(pods: readonly PodCgroup[]): Finding {
  const strays = pods.filter(({ detached }) => detached);
  if (strays.length > 0)
    return finding(cgroupKinds.stray, `containers of ${strays.length} pods, such as ${someOf(strays.map(({ uid }) => uid))}`);
  const systemd = pods.filter(({ path }) => path.endsWith('.slice')).length;
  if (systemd > 0 && systemd < pods.length) {
    return finding(cgroupKinds.drivers, `${systemd} pods as of systemd, ${pods.length - systemd} as of cgroupfs`);
  }
  return finding(cgroupKinds.driver, `${systemd > 0 ? 'systemd' : 'cgroupfs'}, by the names of ${pods.length} pods`);
}

function files(hierarchy: Hierarchy, pods: readonly PodCgroup[]): Finding {
  const some = pods.filter(({ detached }) => !detached).slice(0, podsRead);
  const denied: string[] = [];
  for (const { path } of some) {
    for (const [controller, name] of hierarchy.version === 2 ? filesOfV2 : filesOfV1) {
      const directory = hierarchy.version === 2 ? directoryOf(hierarchy.walk, path) : hierarchy.directory(controller, path);
      if (directory === undefined) continue;
      const { denial } = readText(`${directory}/${name}`);
      if (denial !== undefined) denied.push(`${directory}/${name}: ${denial}`);
    }
  }
  return denied.length === 0
    ? finding(cgroupKinds.readable, `those of ${some.length} pods were read`)
    : finding(cgroupKinds.denied, someOf(denied));
}
