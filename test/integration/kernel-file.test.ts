/** What only a real kernel does: cgroups that are removed under an open file, processes that end. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { parseCgroupProcs } from '../../src/host/cgroup-procs.ts';
import { createDescriptors } from '../../src/host/descriptors.ts';
import { openKernelFile } from '../../src/host/kernel-file.ts';
import { parseMountinfo } from '../../src/host/mountinfo.ts';
import { parseNetDev } from '../../src/host/net-dev.ts';
import { parseProcStat } from '../../src/host/proc-stat.ts';
import { openProcess } from '../../src/host/process.ts';
import { createProblems } from '../../src/problems.ts';

function createOptions() {
  function ignore(): void {}
  const problems = createProblems({ debug: ignore, info: ignore, warn: ignore, error: ignore });
  return { owner: '', problems, descriptors: createDescriptors({ max: 10 }), now: () => performance.now() };
}

/** A cgroup of the test's own, in a hierarchy that this host mounts; it is removed after the test. */
function createCgroup(): string {
  const file = readFileSync('/proc/self/mountinfo');
  const mounts = parseMountinfo(file, file.length, () => {});
  const mount = mounts.find(({ type, superOptions }) => type === 'cgroup2' || superOptions.includes('cpuacct'));
  if (mount === undefined) throw new Error('No cgroup file system is mounted');
  const cgroup = `${mount.mountPoint}/podgauge-test-${randomBytes(6).toString('hex')}`;
  mkdirSync(cgroup);
  onTestFinished(() => {
    if (existsSync(cgroup)) rmdirSync(cgroup);
  });
  return cgroup;
}

function startProcess(command: string, ...args: string[]) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`cannot start ${command}`);
  return { child, pid };
}

test('a cgroup made anew under the old name is read at once, under its new inode; one removed is gone', async () => {
  const cgroup = createCgroup();
  const { pid, child } = startProcess('sleep', '1000');
  const options = createOptions();
  const file = openKernelFile({ ...options, directory: cgroup }, { name: 'cgroup.procs', keep: true });
  expect(file.parse(parseCgroupProcs)).toEqual({ pids: [], foreign: 0 });
  const first = file.inode;
  rmdirSync(cgroup);
  mkdirSync(cgroup);
  writeFileSync(`${cgroup}/cgroup.procs`, String(pid));
  expect(file.parse(parseCgroupProcs)).toEqual({ pids: [pid], foreign: 0 });
  expect(file.inode).toEqual(expect.any(Number));
  expect(file.inode).not.toBe(first);
  expect([options.descriptors.open, options.problems.counts.gone]).toEqual([1, 0]);
  child.kill('SIGKILL');
  await once(child, 'exit');
  rmdirSync(cgroup);
  expect([file.parse(parseCgroupProcs), file.failure, file.inode]).toEqual([undefined, 'ENOENT', undefined]);
  expect([options.descriptors.open, options.problems.counts.gone]).toEqual([0, 1]);
});

test('of a process that ended nothing is read any more, and its descriptor is closed', async () => {
  const options = createOptions();
  const { child, pid } = startProcess('sleep', '1000');
  const found = openProcess({ ...options, procRoot: '/proc', pid });
  expect(found.read('net/dev', parseNetDev)).not.toEqual([]);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect([found.read('net/dev', parseNetDev), found.alive, options.descriptors.open]).toEqual([undefined, false, 0]);
});

test('a process that ended and was not waited for has no interfaces', async () => {
  const options = createOptions();
  const { child } = startProcess('sh', '-c', 'sleep 1000 & echo $!; exec sleep 1000');
  const [line] = await once(child.stdout, 'data');
  const pid = Number(line);
  const found = openProcess({ ...options, procRoot: '/proc', pid });
  expect(found.read('net/dev', parseNetDev)).not.toEqual([]);
  process.kill(pid, 'SIGKILL');
  while (found.read('stat', parseProcStat)?.state !== 'Z') await sleep(5);
  expect([found.read('net/dev', parseNetDev), found.alive, options.descriptors.open]).toEqual([undefined, false, 0]);
});
