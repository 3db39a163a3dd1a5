import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test, vi } from 'vitest';
import { createDescriptors } from '../../src/host/descriptors.ts';
import { detectHierarchy } from '../../src/locate/hierarchy.ts';
import { sharesHostNetwork } from '../../src/locate/host-network.ts';
import { createProcessFinder } from '../../src/locate/process.ts';
import { joinTargets } from '../../src/locate/targets.ts';
import { createCgroupTree } from '../../src/locate/tree.ts';
import { podsOfTree } from '../../src/locate/unlabelled.ts';
import { createProblems } from '../../src/problems.ts';
import { hostTree } from '../support/host-tree.ts';

const run = promisify(execFile);
const problems = createProblems({ debug: () => {}, info: () => {}, warn: () => {}, error: () => {} });
const app = 'a'.repeat(64);
const next = 'b'.repeat(64);

/** Cgroups in the hierarchy of this machine that is walked, below one of the test's own; removed in reverse. */
function realCgroups() {
  const hierarchy = detectHierarchy('/sys/fs/cgroup');
  const top = `/podgauge-test-locate-${process.pid}`;
  const made: string[] = [];
  return {
    hierarchy,
    top,
    make(path: string): string {
      const directory = join(hierarchy.walk, top, path);
      mkdirSync(directory);
      made.push(directory);
      return directory;
    },
    remove(path: string): void {
      const directory = join(hierarchy.walk, top, path);
      rmdirSync(directory);
      made.splice(made.indexOf(directory), 1);
    },
    [Symbol.dispose](): void {
      for (const directory of made.toReversed()) rmdirSync(directory);
    },
  };
}

async function eventually(check: () => void): Promise<void> {
  await vi.waitFor(check, { timeout: 10_000, interval: 2 });
}

test('on the real cgroups of this machine: found, seen to come and go by inotify, and the process in it', async () => {
  using cgroups = realCgroups();
  const { hierarchy, top } = cgroups;
  using tree = createCgroupTree({ hierarchy, problems, now: () => 0 });
  const finder = createProcessFinder({
    hierarchy,
    procRoot: '/proc',
    problems,
    descriptors: createDescriptors({ max: 0 }),
    now: () => 0,
  });
  const uid = `locate-${process.pid}`;
  const pod = `/kubepods/besteffort/pod${uid}`;
  cgroups.make('/');
  tree.refresh();
  expect(tree.find(uid)).toBeUndefined();

  for (const path of ['/kubepods', '/kubepods/besteffort', pod, `${pod}/${app}`]) cgroups.make(path);
  await eventually(() => {
    tree.refresh();
    expect(tree.find(uid)).toEqual({
      uid,
      path: top + pod,
      qos: 'BestEffort',
      detached: false,
      leaves: new Map([[app, `${top}${pod}/${app}`]]),
    });
  });

  const directory = cgroups.make(`${pod}/${next}`);
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  writeFileSync(join(directory, 'cgroup.procs'), String(child.pid));
  await eventually(() => {
    tree.refresh();
    const target = joinTargets(podsOfTree(tree), tree).find((each) => each.pod.uid === uid);
    expect(target?.containers).toHaveLength(2);
    expect(target === undefined ? undefined : finder.find(target)).toBe(child.pid);
  });
  expect(sharesHostNetwork('/proc', child.pid ?? 0)).toBe(true);

  child.kill('SIGKILL');
  await once(child, 'exit');
  cgroups.remove(`${pod}/${next}`);
  cgroups.remove(`${pod}/${app}`);
  await eventually(() => {
    tree.refresh();
    expect(tree.find(uid)?.leaves.size).toBe(0);
  });
  cgroups.remove(pod);
  await eventually(() => {
    tree.refresh();
    expect(tree.find(uid)).toBeUndefined();
  });
});

test('a process in a network namespace of its own does not share that of the host', async () => {
  const child = spawn('unshare', ['--net', 'sleep', '60'], { stdio: 'ignore' });
  await eventually(() => expect(sharesHostNetwork('/proc', child.pid ?? 0)).toBe(false));
  child.kill('SIGKILL');
  await once(child, 'exit');
});

test('with the watches of the user used up it says so once, and finds changes within 10 s', async () => {
  await using host = await hostTree({
    'sys/fs/cgroup/cgroup.controllers': '',
    'sys/fs/cgroup/kubepods/poda/': '',
    'sys/fs/cgroup/kubepods/podb/': '',
  });
  const source = resolve(import.meta.dirname, '../../src');
  // A user namespace has limits of its own, so that those of this machine stay.
  const program = `
    import { mkdirSync } from 'node:fs';
    import { detectHierarchy } from '${source}/locate/hierarchy.ts';
    import { createCgroupTree } from '${source}/locate/tree.ts';
    import { createProblems } from '${source}/problems.ts';
    const logged = [];
    const warn = (data, message) => logged.push(data.cause);
    let time = 0;
    const problems = createProblems({ warn });
    const tree = createCgroupTree({ hierarchy: detectHierarchy('${host.cgroupRoot}'), problems, now: () => time });
    const pods = [];
    const look = (at) => { time = at; tree.refresh(); pods.push([...tree.pods().keys()].sort().join('')); };
    look(0);
    mkdirSync('${host.cgroupRoot}/kubepods/podc');
    look(9_999);
    look(10_000);
    look(20_000);
    console.log(JSON.stringify({ pods, logged, denied: problems.counts.denied }));
  `;
  const limited = 'echo 1 > /proc/sys/user/max_inotify_watches && exec "$0" --input-type=module --eval "$1"';
  const { stdout } = await run('unshare', ['--user', '--map-root-user', 'sh', '-c', limited, process.execPath, program]);
  expect(JSON.parse(stdout)).toEqual({ pods: ['ab', 'ab', 'abc', 'abc'], logged: ['inotify ENOSPC'], denied: 1 });
});
