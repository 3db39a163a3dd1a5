import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { clearLeftovers } from './remove-cgroup.ts';

/** The hierarchies in which a container gets a cgroup of its own on v1. */
const controllers = ['cpu', 'cpuacct', 'memory', 'pids'];

export interface ContainerSpec {
  readonly name: string;
  /** 64 hex digits, as a runtime gives them. */
  readonly id: string;
  /** What runs in it; none: the cgroup stays empty. */
  readonly command?: readonly string[];
  /** CPU quota in cores. */
  readonly cores?: number;
  readonly memoryLimit?: number;
}

export interface PodSpec {
  readonly uid: string;
  readonly qos: 'Guaranteed' | 'Burstable' | 'BestEffort';
  /** The named network namespace its processes run in; none: the host's. */
  readonly netns?: string;
  readonly containers: readonly ContainerSpec[];
}

export interface RealContainer extends ContainerSpec {
  /** Of its cgroup, in every hierarchy. */
  readonly path: string;
  readonly process: ChildProcess | undefined;
}

export interface RealPod {
  readonly uid: string;
  readonly path: string;
  readonly containers: readonly RealContainer[];
}

export interface CgroupHost extends AsyncDisposable {
  readonly version: 1 | 2;
  makePod(spec: PodSpec): RealPod;
  /** Ends its processes and removes its cgroups, as a kubelet and a runtime do. */
  removePod(pod: RealPod): Promise<void>;
  /** The bytes of a file of a cgroup; `controller` matters on v1 only. */
  read(controller: string, path: string, file: string): string;
}

/**
 * Plays kubelet (cgroupfs driver) and containerd on the real cgroups of this machine: everything it makes is below one cgroup
 * of its own named `prefix`, and is removed with it. Needs root.
 */
export function cgroupHost({ root = '/sys/fs/cgroup', prefix }: { root?: string; prefix: string }): CgroupHost {
  const version = existsSync(join(root, 'cgroup.controllers')) ? 2 : 1;
  const directories = (path: string): string[] =>
    version === 2 ? [join(root, path)] : controllers.map((controller) => join(root, controller, path));
  const file = (controller: string, path: string, name: string): string =>
    version === 2 ? join(root, path, name) : join(root, controller, path, name);
  const pods = new Set<RealPod>();
  const base = `/${prefix}/kubepods`;
  for (const directory of directories(`/${prefix}`)) clearLeftovers(directory);
  make(base);
  delegate(base);
  // A process that may use half a core gets it, however busy the machine is with the rest of a test run.
  writeFileSync(file('cpu', `/${prefix}`, version === 2 ? 'cpu.weight' : 'cpu.shares'), version === 2 ? '10000' : '262144');

  function make(path: string): void {
    for (const directory of directories(path)) mkdirSync(directory, { recursive: true });
  }

  /** On v2 a controller reaches a cgroup only through every ancestor. */
  function delegate(path: string): void {
    if (version === 1) return;
    let at = '';
    for (const part of path.split('/')) {
      at = join(at, part);
      writeFileSync(join(root, at, 'cgroup.subtree_control'), '+cpu +memory +pids');
    }
  }

  function limit(path: string, { cores, memoryLimit }: ContainerSpec): void {
    if (cores !== undefined && version === 2) writeFileSync(file('cpu', path, 'cpu.max'), `${cores * 100_000} 100000`);
    if (cores !== undefined && version === 1) writeFileSync(file('cpu', path, 'cpu.cfs_quota_us'), String(cores * 100_000));
    const memoryFile = version === 2 ? 'memory.max' : 'memory.limit_in_bytes';
    if (memoryLimit !== undefined) writeFileSync(file('memory', path, memoryFile), String(memoryLimit));
  }

  /** The shell moves itself into the cgroups before it becomes the command, so nothing is charged elsewhere. */
  function start(path: string, command: readonly string[], netns: string | undefined): ChildProcess {
    const moves = directories(path).map((directory) => `echo $$ > '${directory}/cgroup.procs'`);
    const enter = netns === undefined ? '' : `nsenter --net=/run/netns/${netns} `;
    const script = `${moves.join(' && ')} && exec ${enter}"$@"`;
    return spawn('/bin/sh', ['-c', script, 'sh', ...command], { stdio: 'ignore' });
  }

  /** A container's processes, not its first one alone: a shell's children outlive it. */
  async function endAll(pod: RealPod): Promise<void> {
    for (const { path, process } of pod.containers) {
      if (process !== undefined && process.exitCode === null && process.signalCode === null) {
        const exit = once(process, 'exit');
        process.kill('SIGKILL');
        await exit;
      }
      const procs = file('pids', path, 'cgroup.procs');
      while (existsSync(procs)) {
        const pids = readFileSync(procs, 'utf8').split('\n').filter(Boolean);
        if (pids.length === 0) break;
        for (const pid of pids) kill(Number(pid));
        await setTimeout(10);
      }
    }
  }

  async function remove(path: string): Promise<void> {
    for (const directory of directories(path)) await removeTree(directory);
  }

  return {
    version,
    makePod({ uid, qos, netns, containers }) {
      const parent = qos === 'Guaranteed' ? base : `${base}/${qos.toLowerCase()}`;
      const path = `${parent}/pod${uid}`;
      make(path);
      delegate(path);
      const made = containers.map((container): RealContainer => {
        const leaf = `${path}/${container.id}`;
        make(leaf);
        limit(leaf, container);
        const process = container.command === undefined ? undefined : start(leaf, container.command, netns);
        return { ...container, path: leaf, process };
      });
      const pod = { uid, path, containers: made };
      pods.add(pod);
      return pod;
    },
    async removePod(pod) {
      pods.delete(pod);
      await endAll(pod);
      await remove(pod.path);
    },
    read: (controller, path, name) => readFileSync(file(controller, path, name), 'utf8'),
    async [Symbol.asyncDispose]() {
      await Promise.all(Array.from(pods, endAll));
      await remove(`/${prefix}`);
    },
  };
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

/** Removes a cgroup and those below it; the kernel needs a moment after the last process has ended. */
async function removeTree(directory: string): Promise<void> {
  if (!existsSync(directory)) return;
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (entry.isDirectory()) await removeTree(join(directory, entry.name));
  }
  for (let attempt = 0; ; attempt += 1) {
    try {
      rmdirSync(directory);
      return;
    } catch (error) {
      if (attempt === 100) throw error;
      await setTimeout(20);
    }
  }
}
