import { readFileSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { missingOfHost } from '../../servers/host.ts';
import { hostTree } from '../../support/host-tree.ts';
import type { HostEntries } from '../../support/host-tree.ts';

const cgroups = 'sys/fs/cgroup';
const whole: HostEntries = {
  ...Object.fromEntries(
    ['blkio', 'cpu', 'cpuacct', 'cpuset', 'freezer', 'memory', 'pids'].map((name) => [`${cgroups}/${name}/`, '']),
  ),
  [`${cgroups}/unified/cgroup.controllers`]: 'hugetlb\n',
  'proc/pressure/cpu': 'some avg10=0.00 avg60=0.00 avg300=0.00 total=0\n',
  'dev/fuse': '',
  'dev/net/tun': '',
  'clone/': '',
};

/** Lines of a host that is whole but for what is taken away, with its paths as they are on a real one. */
async function linesWithout(
  paths: readonly string[],
  { user = 0, add = {}, mode = 0o755 }: { user?: number; add?: HostEntries; mode?: number } = {},
) {
  const tree = await hostTree(whole);
  onTestFinished(() => tree[Symbol.asyncDispose]());
  await tree.remove(...paths);
  await tree.add(add);
  await chmod(tree.path, 0o755);
  await chmod(join(tree.path, 'clone'), mode);
  const { cgroupRoot, procRoot } = tree;
  const lines = missingOfHost({
    user,
    cgroupRoot,
    procRoot,
    deviceRoot: join(tree.path, 'dev'),
    clone: join(tree.path, 'clone'),
  });
  return lines.map((line) => line.replaceAll(tree.path, ''));
}

test('a host that has all lacks nothing', async () => {
  expect(await linesWithout([])).toEqual([]);
});

const boot =
  'systemd.unified_cgroup_hierarchy=0 systemd.legacy_systemd_cgroup_controller=0 cgroup_no_v1=hugetlb, and from systemd 256 on SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1';
interface Case {
  readonly what: string;
  readonly without: readonly string[];
  readonly add?: HostEntries;
  readonly line: string;
}

const cases: readonly Case[] = [
  {
    what: 'cgroup v1',
    without: [cgroups],
    add: { [`${cgroups}/cgroup.controllers`]: 'cpu memory pids\n' },
    line: `cgroup v1 is missing, /sys/fs/cgroup is of v2 alone: boot with ${boot}`,
  },
  {
    what: 'some hierarchies of cgroup v1',
    without: [`${cgroups}/memory`, `${cgroups}/cpuset`],
    line: 'cgroup v1 is missing, or read-only, for cpuset, memory: mount -t cgroup -o <name> cgroup /sys/fs/cgroup/<name>',
  },
  {
    what: 'cgroup v2',
    without: [`${cgroups}/unified`],
    line: 'cgroup v2 beside v1 is missing, /sys/fs/cgroup/unified: mkdir -p /sys/fs/cgroup/unified && mount -t cgroup2 cgroup2 /sys/fs/cgroup/unified',
  },
  {
    what: 'huge pages in cgroup v2',
    without: [],
    add: { [`${cgroups}/unified/cgroup.controllers`]: '\n' },
    line: 'hugetlb is missing in /sys/fs/cgroup/unified, v1 has it: boot with cgroup_no_v1=hugetlb',
  },
  { what: 'pressure', without: ['proc/pressure'], line: 'pressure (PSI) is missing, /proc/pressure: boot with psi=1' },
  { what: 'FUSE', without: ['dev/fuse'], line: 'FUSE is missing, /dev/fuse: modprobe fuse' },
  { what: 'TUN', without: ['dev/net'], line: 'TUN is missing, /dev/net/tun: modprobe tun' },
];

test.each(cases)('a host without $what says so in a line, with what to do', async ({ without, add = {}, line }) => {
  expect(await linesWithout(without, { add })).toEqual([line]);
});

test('another user than root is told to be root, beside the rest', async () => {
  expect(await linesWithout(['dev/fuse'], { user: 1000 })).toEqual([
    'root is missing: run it as root',
    'FUSE is missing, /dev/fuse: modprobe fuse',
  ]);
});

test('a clone that other users cannot reach is told of, for the program is run as one of them', async () => {
  expect(await linesWithout([], { mode: 0o700 })).toEqual([
    'the clone is out of the reach of other users, /clone is closed: clone it to another place',
  ]);
});

test('CONTRIBUTING.md has each remedy in the same words', () => {
  const page = readFileSync(fileURLToPath(new URL('../../../CONTRIBUTING.md', import.meta.url)), 'utf8').replaceAll('`', '');
  const remedies = cases.map(({ line }) => line.slice(line.indexOf(': ') + 2));
  expect(remedies.filter((remedy) => !page.includes(remedy))).toEqual([]);
  expect(page).toContain('run it as root');
  expect(page).toContain('clone it to another place');
});
