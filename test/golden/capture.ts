/**
 * Prints this node as the host of a golden case (test/support/archive.ts has the form): the cgroups of its pods and the files
 * of their processes that podgauge reads, as they are, nothing left out or renamed, and says on stderr what it took. Read it
 * before you give it away: it holds names of processes and interfaces, UIDs of pods, and routes.
 *
 *     node test/golden/capture.ts [cgroup] > host.txt; kubectl get --raw "/api/v1/pods?fieldSelector=spec.nodeName=$NODE" > pods.json
 *
 * Takes pods' roots (`kubepods`, `kubepods.slice`) up to five levels below the root of each hierarchy, or only those below
 * `cgroup`. Needs to see the host's processes: on the node itself, or in a container with hostPID.
 */
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { formatEntry } from '../support/archive.ts';

const cgroupRoot = '/sys/fs/cgroup';
const maxRootDepth = 5;
const podsRoot = /^(?:.+-)?kubepods(?:\.slice)?$/;
/** Containers outside of their pods' slices: see the case `1.21-containerd-systemd-v1-mismatch`. */
const stray = /^.+\.slice:[a-z-]+:[0-9a-f]{64}$/;
const controllersOfV1 = ['cpu', 'cpuacct', 'memory', 'pids', 'systemd', 'unified'];

const cgroupFiles = [
  ...['cgroup.controllers', 'cgroup.events', 'cgroup.procs', 'cpu.max', 'cpu.pressure', 'cpu.stat', 'io.pressure', 'io.stat'],
  ...[
    'memory.current',
    'memory.events',
    'memory.max',
    'memory.pressure',
    'memory.stat',
    'memory.swap.current',
    'memory.swap.max',
  ],
  ...[
    'pids.current',
    'pids.max',
    'cpu.cfs_period_us',
    'cpu.cfs_quota_us',
    'cpuacct.stat',
    'cpuacct.usage',
    'cpuacct.usage_sys',
  ],
  ...['cpuacct.usage_user', 'memory.limit_in_bytes', 'memory.memsw.limit_in_bytes', 'memory.memsw.usage_in_bytes'],
  'memory.usage_in_bytes',
];
const rootFiles = ['cgroup.controllers', 'cgroup.procs', 'cpu.stat'];
const processFiles = ['cgroup', 'comm', 'stat'];
const networkFiles = ['net/dev', 'net/route', 'net/ipv6_route'];

const entries = new Map<string, string>();
/** The host's first process, this one, and those of the pods. */
const processes = new Set(['1', String(process.pid)]);
/** Inode of a network namespace's net/dev → the process it was taken of. */
const networks = new Map<number, string>();

function take(from: string, to: string): string {
  try {
    const content = readFileSync(from, 'utf8');
    entries.set(to, formatEntry(to, content));
    return content;
  } catch {
    // It ended meanwhile, or this kernel has no such file: then it is not in the capture either.
    return '';
  }
}

function takeLink(to: string, link: string): void {
  entries.set(to, formatEntry(to, { link }));
}

function subdirectories(directory: string): readonly string[] {
  const children = existsSync(directory) ? readdirSync(directory, { withFileTypes: true }) : [];
  return children.filter((child) => child.isDirectory()).map(({ name }) => name);
}

function takeTree(from: string, to: string): void {
  for (const file of cgroupFiles) {
    const content = take(join(from, file), `${to}/${file}`);
    if (file === 'cgroup.procs') for (const pid of content.match(/[1-9]\d*/g) ?? []) processes.add(pid);
  }
  for (const name of subdirectories(from)) takeTree(join(from, name), `${to}/${name}`);
}

/** The pods' roots below a directory, and the directories that lead to them. */
function takeRoots(from: string, to: string, depth: number): void {
  for (const name of subdirectories(from)) {
    const [below, target] = [join(from, name), `${to}/${name}`];
    if (podsRoot.test(name) || stray.test(name)) takeTree(below, target);
    else if (depth < maxRootDepth) takeRoots(below, target, depth + 1);
  }
}

function takeHierarchy(root: string, to: string, only: string): void {
  for (const file of rootFiles) take(join(root, file), `${to}/${file}`);
  takeRoots(join(root, only), join(to, only), 1);
}

function takeProcess(pid: string): void {
  for (const file of processFiles) take(`/proc/${pid}/${file}`, `proc/${pid}/${file}`);
  const network = statSync(`/proc/${pid}/net/dev`, { throwIfNoEntry: false })?.ino;
  const first = network === undefined ? undefined : networks.get(network);
  if (first !== undefined) return takeLink(`proc/${pid}/net`, `../${first}/net`);
  for (const file of networkFiles) take(`/proc/${pid}/${file}`, `proc/${pid}/${file}`);
  if (network !== undefined) networks.set(network, pid);
}

/** Of the mounts only those of cgroups and of /proc. */
function takeMounts(pid: string): void {
  const lines = readFileSync(`/proc/${pid}/mountinfo`, 'utf8').match(/^.* - (?:proc|cgroup2?) .*\n/gm) ?? [];
  const path = `proc/${pid}/mountinfo`;
  entries.set(path, formatEntry(path, lines.join('')));
}

function main(only: string): void {
  if (existsSync(join(cgroupRoot, 'cgroup.controllers'))) takeHierarchy(cgroupRoot, 'cgroup', only);
  else {
    for (const name of readdirSync(cgroupRoot)) {
      const path = join(cgroupRoot, name);
      if (!name.split(',').some((controller) => controllersOfV1.includes(controller))) continue;
      if (lstatSync(path).isSymbolicLink()) takeLink(`cgroup/${name}`, readlinkSync(path));
      else takeHierarchy(path, `cgroup/${name}`, only);
    }
  }
  for (const pid of processes) takeProcess(pid);
  takeMounts(String(process.pid));
  takeLink('proc/self', String(process.pid));

  process.stdout.write([...entries.values()].join(''));
  process.stderr.write(`${[...entries.keys()].join('\n')}\n${entries.size} files and links, of ${processes.size} processes\n`);
}

main(process.argv[2] ?? '');
