/** What the kernel says of a process in the worker, and what it lets it do to others. */
import { expect } from 'vitest';
import type { ApiObject, PodSpec } from '../../servers/api-client.ts';
import type { Cluster } from '../../servers/cluster/cluster.ts';
import { toolsPod, untilPods } from '../node-pods.ts';
import { processOf, runOf } from './agent.ts';

/** Of another user than podgauge, with something in its environment that is nobody else's business. */
export function victim(node: string): PodSpec {
  const container = {
    name: 'main',
    env: [{ name: 'SECRET', value: 'not-for-podgauge' }],
    securityContext: { runAsUser: 65_532 },
  };
  return toolsPod({ name: 'victim', containers: [container] }, node);
}

/** By name: https://man7.org/linux/man-pages/man5/proc_pid_status.5.html */
async function statusOf({ worker }: Cluster, pid: number): Promise<Readonly<Record<string, string>>> {
  const { stdout } = await worker.run('cat', `/proc/${pid}/status`);
  return Object.fromEntries(Array.from(stdout.matchAll(/^(\w+):\t(.*)$/gm), ([, name, value = '']) => [name, value.trim()]));
}

/** Options of the mounts that it sees, by where they are. */
async function mountsOf({ worker }: Cluster, pid: number): Promise<ReadonlyMap<string, readonly string[]>> {
  const { stdout } = await worker.run('cat', `/proc/${pid}/mountinfo`);
  return new Map(
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(' '))
      .map(([, , , , place = '', options = '']) => [place, options.split(',')]),
  );
}

/** What came of each thing that podgauge tried: the error's code, or `done`. */
export type Attempts = Readonly<Record<string, string>>;

const attempts = `
  const { openSync, readFileSync, readdirSync, writeFileSync } = require('node:fs');
  const [proc, pid] = process.argv.slice(1);
  const tried = (what) => { try { what(); return 'done'; } catch (error) { return error.code; } };
  console.log(JSON.stringify({
    'read its status': tried(() => readFileSync(proc + '/' + pid + '/status')),
    'read its environment': tried(() => readFileSync(proc + '/' + pid + '/environ')),
    'read its memory': tried(() => openSync(proc + '/' + pid + '/mem')),
    'look into its root': tried(() => readdirSync(proc + '/' + pid + '/root/')),
    'kill it': tried(() => process.kill(Number(pid), 'SIGKILL')),
    'write into its own root': tried(() => writeFileSync('/written', '')),
    'write into its own directory': tried(() => writeFileSync('/etc/podgauge/config/written', '')),
    'move itself into another cgroup': tried(() => writeFileSync('/host/sys/fs/cgroup/cgroup.procs', String(process.pid))),
  }));`;

/** What it should be, but for the signal: whom it does not see at all it cannot even be forbidden to kill. */
export const confined: Attempts = {
  'read its status': 'done',
  'read its environment': 'EACCES',
  'read its memory': 'EACCES',
  'look into its root': 'EACCES',
  'write into its own root': 'EROFS',
  'write into its own directory': 'EROFS',
  'move itself into another cgroup': 'EROFS',
};

/** What Node.js in an agent's container, with all that it has, can do to a process of another container. */
export async function tryFromInside(cluster: Cluster, agent: ApiObject, proc: string, pid: number): Promise<Attempts> {
  const { name, namespace = '' } = agent.metadata;
  const node = ['/nodejs/bin/node', '--eval', attempts, proc, String(pid)];
  return JSON.parse(await cluster.kubectl('--namespace', namespace, 'exec', name, '--', ...node));
}

export interface Victim {
  readonly pod: ApiObject;
  readonly pid: number;
}

/** The victim's process, and its object as it is now. */
export async function victimIn(cluster: Cluster): Promise<Victim> {
  const [pod] = await untilPods(cluster.api, ['victim']);
  if (pod === undefined) throw new Error('there is no victim');
  return { pod, pid: await processOf(cluster, pod) };
}

/** What holds of an agent's process whichever way it sees the host. */
export async function expectNoRights(
  cluster: Cluster,
  agent: ApiObject,
  groups: string,
  ...mounted: readonly string[]
): Promise<void> {
  const pid = await processOf(cluster, agent);
  const none = '0'.repeat(16);
  expect(await statusOf(cluster, pid)).toMatchObject({
    ...{ Uid: '19610\t19610\t19610\t19610', Gid: '19610\t19610\t19610\t19610', Groups: groups },
    ...{ CapInh: none, CapPrm: none, CapEff: none, CapBnd: none, CapAmb: none },
    // By a filter.
    ...{ NoNewPrivs: '1', Seccomp: '2' },
  });
  const mounts = await mountsOf(cluster, pid);
  for (const place of ['/', '/host/sys/fs/cgroup', '/etc/podgauge/config', '/etc/podgauge/influxdb-token', ...mounted])
    expect(mounts.get(place), place).toContain('ro');
}

/** The victim runs on as it did, and its environment is there for who may see it. */
export async function expectUntouched(cluster: Cluster, { pod, pid }: Victim): Promise<void> {
  expect((await cluster.worker.run('cat', `/proc/${pid}/environ`)).stdout).toContain('SECRET=not-for-podgauge');
  const [now] = await untilPods(cluster.api, ['victim']);
  expect(now && runOf(now)).toEqual(runOf(pod));
}
