/**
 * Prints this node as the host of a golden case (test/support/archive.ts has the form): the cgroups of its pods and its own, the files
 * of the pods' processes that podgauge reads, and those of the node as a whole, as they are, and says on stderr what it took. Read it
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
const controllersOfV1 = ['blkio', 'cpu', 'cpuacct', 'cpuset', 'hugetlb', 'memory', 'pids', 'systemd', 'unified'];

/** Settings that tell nothing of use, and what is long and read by no one. */
const leftOut = new RegExp(
  `^(?:${[
    /tasks|notify_on_release|release_agent|memory\.kmem\..*|memory\.(?:low|min|numa_stat)|hugetlb\..*\.(?:numa_stat|rsvd\..*)/,
    /cgroup\.(?:clone_children|max\..*|sane_behavior|subtree_control|threads|type)|cpu\.(?:idle|shares|weight.*)/,
    /io\.(?:bfq\..*|latency|max|prio\.class|weight)|blkio\.(?:bfq|weight|leaf_weight|time|sectors).*/,
  ]
    .map(({ source }) => source)
    .join('|')})$`,
);
const hostFiles = [
  ...['diskstats', 'loadavg', 'meminfo', 'stat', 'sys/net/netfilter/nf_conntrack_max', 'vmstat'],
  ...['pressure/cpu', 'pressure/io', 'pressure/irq', 'pressure/memory'],
];
const processFiles = ['cgroup', 'comm', 'stat'];
const networkFiles = [
  ...['net/dev', 'net/ipv6_route', 'net/netstat', 'net/route', 'net/snmp', 'net/sockstat', 'net/sockstat6'],
  'net/stat/nf_conntrack',
];

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

function namesIn(directory: string, wanted: 'directories' | 'files'): readonly string[] {
  const children = existsSync(directory) ? readdirSync(directory, { withFileTypes: true }) : [];
  return children.filter((child) => (wanted === 'files' ? child.isFile() : child.isDirectory())).map(({ name }) => name);
}

function takeCgroup(from: string, to: string): void {
  for (const file of namesIn(from, 'files').toSorted()) if (!leftOut.test(file)) take(join(from, file), `${to}/${file}`);
}

function takeTree(from: string, to: string): void {
  takeCgroup(from, to);
  for (const pid of entries.get(`${to}/cgroup.procs`)?.match(/^[1-9]\d*$/gm) ?? []) processes.add(pid);
  for (const name of namesIn(from, 'directories')) takeTree(join(from, name), `${to}/${name}`);
}

/** The pods' roots below a directory, the directories that lead to them, and the host's own cgroups of two levels. */
function takeRoots(from: string, to: string, depth: number): void {
  for (const name of namesIn(from, 'directories')) {
    const [below, target] = [join(from, name), `${to}/${name}`];
    if (podsRoot.test(name) || stray.test(name)) {
      takeTree(below, target);
      continue;
    }
    if (depth <= 2) takeCgroup(below, target);
    if (depth < maxRootDepth) takeRoots(below, target, depth + 1);
  }
}

function takeHierarchy(root: string, to: string, only: string): void {
  takeCgroup(root, to);
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
  for (const file of hostFiles) take(`/proc/${file}`, `proc/${file}`);
  for (const pid of processes) takeProcess(pid);
  takeMounts(String(process.pid));
  takeLink('proc/self', String(process.pid));

  process.stdout.write([...entries.values()].join(''));
  process.stderr.write(`${[...entries.keys()].join('\n')}\n${entries.size} files and links, of ${processes.size} processes\n`);
}

main(process.argv[2] ?? '');
