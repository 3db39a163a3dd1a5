/** Pods of a made-up host: what the API server says of them, and their cgroups. */
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { containerId } from './bound-pods.ts';
import { hostTree } from './host-tree.ts';
import type { HostTree } from './host-tree.ts';

const cgroup = 'sys/fs/cgroup';
/** Of each pod and each container, for as long as it lives. */
export const cpuMicroseconds = 1000;

export interface MadePodSpec {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly deployment?: string;
}

export interface MadePod {
  readonly uid: string;
  readonly object: object;
}

export function madePod({ name, namespace = 'shop', labels = {}, annotations = {}, deployment }: MadePodSpec): MadePod {
  const uid = `uid-of-${name}`;
  const owner = { kind: 'ReplicaSet', name: `${deployment}-5d4f`, controller: true };
  const hash = deployment === undefined ? {} : { 'pod-template-hash': '5d4f' };
  const containerID = `containerd://${containerId(uid, 'main')}`;
  return {
    uid,
    object: {
      metadata: {
        ...{ uid, name, namespace, annotations, labels: { ...labels, ...hash } },
        ...(deployment !== undefined && { ownerReferences: [owner] }),
      },
      spec: { nodeName: 'n1', containers: [{ name: 'main' }] },
      status: {
        phase: 'Running',
        qosClass: 'BestEffort',
        containerStatuses: [{ name: 'main', containerID, state: { running: {} } }],
      },
    },
  };
}

/** A host whose pods come and go in one moment each, with all their files. */
export async function madeHost(): Promise<HostTree> {
  return hostTree({ [`${cgroup}/cgroup.controllers`]: 'cpu memory pids\n', [`${cgroup}/kubepods/besteffort/`]: '' });
}

export async function runMadePod(host: HostTree, { uid }: MadePod): Promise<void> {
  const made = await mkdtemp(join(host.path, 'made-'));
  const leaf = join(made, containerId(uid, 'main'));
  await mkdir(leaf);
  for (const directory of [made, leaf]) await writeFile(join(directory, 'cpu.stat'), `usage_usec ${cpuMicroseconds}\n`);
  await rename(made, placeOf(host, uid));
}

export async function endMadePod(host: HostTree, { uid }: MadePod): Promise<void> {
  const ended = join(host.path, `ended-${uid}`);
  await rename(placeOf(host, uid), ended);
  await rm(ended, { recursive: true });
}

function placeOf(host: HostTree, uid: string): string {
  return join(host.path, cgroup, 'kubepods/besteffort', `pod${uid}`);
}
