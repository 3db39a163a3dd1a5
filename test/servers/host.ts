/** What the tests need of the machine itself, which no package brings, and how to get each. CONTRIBUTING.md says it in the same words. */
import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface HostPlaces {
  /** The number of the user who asks; absent where the system has none. */
  readonly user: number | undefined;
  readonly cgroupRoot: string;
  readonly procRoot: string;
  readonly deviceRoot: string;
  /** Where the project is. */
  readonly clone: string;
}

const thisHost: HostPlaces = {
  user: process.getuid?.(),
  cgroupRoot: '/sys/fs/cgroup',
  procRoot: '/proc',
  deviceRoot: '/dev',
  clone: join(import.meta.dirname, '../..'),
};

/** Those of cgroup v1 that pods of the tests are in. */
const controllers = ['blkio', 'cpu', 'cpuacct', 'cpuset', 'freezer', 'memory', 'pids'];

/** One line for each thing that is missing: what it is and what to do. */
export function missingOfHost({ user, cgroupRoot, procRoot, deviceRoot, clone }: HostPlaces = thisHost): string[] {
  const lines = missingCgroups(cgroupRoot);
  if (user !== 0) lines.unshift('root is missing: run it as root');
  if (!isThere(`${procRoot}/pressure/cpu`)) lines.push(`pressure (PSI) is missing, ${procRoot}/pressure: boot with psi=1`);
  if (!isThere(`${deviceRoot}/fuse`)) lines.push(`FUSE is missing, ${deviceRoot}/fuse: modprobe fuse`);
  if (!isThere(`${deviceRoot}/net/tun`)) lines.push(`TUN is missing, ${deviceRoot}/net/tun: modprobe tun`);
  // The tests run the program as users who may do nothing.
  const closed = closedAbove(clone);
  if (closed !== undefined)
    lines.push(`the clone is out of the reach of other users, ${closed} is closed: clone it to another place`);
  return lines;
}

/** The first directory on the way to a path, itself among them, that others may not enter. */
function closedAbove(path: string): string | undefined {
  const parent = dirname(path);
  const above = parent === path ? undefined : closedAbove(parent);
  return above ?? ((statSync(path).mode & 0o001) === 0 ? path : undefined);
}

function missingCgroups(root: string): string[] {
  if (isThere(join(root, 'cgroup.controllers'))) {
    const parameters = 'systemd.unified_cgroup_hierarchy=0 systemd.legacy_systemd_cgroup_controller=0 cgroup_no_v1=hugetlb';
    return [
      `cgroup v1 is missing, ${root} is of v2 alone: boot with ${parameters}, and from systemd 256 on SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1`,
    ];
  }
  const missing = controllers.filter((name) => !isWritable(join(root, name)));
  const mount = `mount -t cgroup -o <name> cgroup ${root}/<name>`;
  const lines = missing.length === 0 ? [] : [`cgroup v1 is missing, or read-only, for ${missing.join(', ')}: ${mount}`];
  return [...lines, ...missingBeside(join(root, 'unified'))];
}

function missingBeside(unified: string): string[] {
  const file = join(unified, 'cgroup.controllers');
  if (!isThere(file)) {
    const mount = `mkdir -p ${unified} && mount -t cgroup2 cgroup2 ${unified}`;
    return [`cgroup v2 beside v1 is missing, ${unified}: ${mount}`];
  }
  const isFree = readFileSync(file, 'utf8').split(/\s/).includes('hugetlb');
  return isFree ? [] : [`hugetlb is missing in ${unified}, v1 has it: boot with cgroup_no_v1=hugetlb`];
}

function isThere(path: string): boolean {
  return isAccessible(path, constants.F_OK);
}

function isWritable(directory: string): boolean {
  return isAccessible(directory, constants.W_OK);
}

function isAccessible(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    // It is not there, or on a file system that is mounted read-only.
    return false;
  }
}
