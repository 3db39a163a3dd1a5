/** Which files a running agent reads, and how: what it holds open, and what its own plan says it opens. */
import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { planCgroup } from '../src/collect/cgroup-plan.ts';
import type { PlannedFile } from '../src/collect/cgroup-plan.ts';
import { detectHierarchy } from '../src/locate/hierarchy.ts';
import type { Controller } from '../src/locate/hierarchy.ts';
import type { CollectorName } from '../src/metrics/collectors.ts';
import type { RealPod } from '../test/support/cgroup-host.ts';

export interface FloorFiles {
  /** Those the agent keeps open. */
  readonly kept: readonly string[];
  /** Those it opens every cycle. */
  readonly opened: readonly string[];
  /** Those it opens every 30 s. */
  readonly rare: readonly string[];
}

export interface FloorOptions {
  readonly agentPid: number;
  readonly pods: readonly RealPod[];
  readonly collectors: readonly CollectorName[];
}

const namespaceFiles = ['net/snmp', 'net/netstat', 'net/sockstat', 'net/sockstat6'];
const extrasV1 = [
  'cpu cpu.cfs_quota_us',
  'cpu cpu.cfs_period_us',
  'cpuset cpuset.effective_cpus',
  'cpuset cpuset.effective_mems',
];
const extrasV2 = ['cpuset cpuset.cpus.effective', 'cpuset cpuset.mems.effective'];
const ioV1 = ['blkio blkio.throttle.io_service_bytes_recursive', 'blkio blkio.throttle.io_serviced_recursive'];
const ioV2 = ['blkio io.stat'];

/** Only files that are there count: the agent looks for the others too, at its own cost. */
export function filesOf({ agentPid, pods, collectors }: FloorOptions): FloorFiles {
  const hierarchy = detectHierarchy('/sys/fs/cgroup');
  const held = readdirSync(`/proc/${agentPid}/fd`).map((fd) => linkOf(`/proc/${agentPid}/fd/${fd}`));
  const kept = new Set(held.filter((path) => path.startsWith('/sys/fs/cgroup/')));
  const processes = pods.map(processOf);
  const fileOf = (controller: Controller, path: string, name: string): string[] => {
    const directory = hierarchy.directory(controller, path);
    const file = `${directory}/${name}`;
    return directory !== undefined && existsSync(file) ? [file] : [];
  };
  const planned = (files: readonly PlannedFile[], path: string): string[] =>
    files.flatMap(({ controller, name }) => fileOf(controller, path, name));
  const listed = (files: readonly string[], path: string): string[] =>
    files.flatMap((file) => {
      const [controller = '', name = ''] = file.split(' ');
      return isController(controller) ? fileOf(controller, path, name) : [];
    });

  const hot: string[] = [];
  const rare: string[] = [];
  for (const { measurement, path } of cgroupsOf(pods)) {
    const plan = planCgroup({ measurement, version: hierarchy.version, collectors });
    for (const { files } of plan.hot) hot.push(...planned(files, path));
    if (collectors.includes('io')) hot.push(...listed(hierarchy.version === 1 ? ioV1 : ioV2, path));
    rare.push(...planned([...plan.rare, ...plan.limits], path));
    rare.push(...listed(hierarchy.version === 1 ? extrasV1 : extrasV2, path));
  }
  const networks = [
    ...(collectors.includes('network') ? ['net/dev'] : []),
    ...(collectors.includes('sockets') ? namespaceFiles : []),
  ];
  const opened = [
    ...hot.filter((file) => !kept.has(file)),
    ...processes.flatMap((process) => networks.map((name) => `${process}/${name}`)),
  ];
  return { kept: [...kept], opened, rare };
}

function* cgroupsOf(pods: readonly RealPod[]): Iterable<{ measurement: 'k8s_pod' | 'k8s_container'; path: string }> {
  for (const { path, containers } of pods) {
    yield { measurement: 'k8s_pod', path };
    for (const container of containers) yield { measurement: 'k8s_container', path: container.path };
  }
}

/** One whose network namespace is the pod's: the agent reads files of it whether or not it holds the directory. */
function processOf({ uid, containers }: RealPod): string {
  const pid = containers[0]?.process?.pid;
  if (pid === undefined) throw new Error(`Pod ${uid} has no process`);
  return `/proc/${pid}`;
}

function isController(name: string): name is Controller {
  return ['cpu', 'cpuset', 'blkio'].includes(name);
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
