/**
 * Writes the host and the pods of the case `1.36-containerd-cgroupfs-v2-crowd`: 250 pods, which is what a node is allowed at most on the
 * large clouds, with only as many files each as show whose they are.
 *
 *     node test/golden/crowd.ts
 */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatEntry } from '../support/archive.ts';

const podCount = 250;
const folder = join(import.meta.dirname, 'cases/1.36-containerd-cgroupfs-v2-crowd');
/** Of the tree: a Guaranteed pod is at its root. */
const parents = { Guaranteed: '', Burstable: 'burstable/', BestEffort: 'besteffort/' } as const;
const classes = ['Burstable', 'BestEffort', 'Guaranteed'] as const;

interface CrowdedPod {
  readonly name: string;
  readonly uid: string;
  readonly id: string;
  readonly qos: keyof typeof parents;
  /** Unlike any other pod's. */
  readonly number: number;
}

function podOf(i: number): CrowdedPod {
  const digits = createHash('sha256').update(`pod ${i}`).digest('hex');
  const uid = digits.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-8$4-$5');
  const id = createHash('sha256').update(`container ${i}`).digest('hex');
  return { name: `web-${i}`, uid, id, qos: classes[i % classes.length] ?? 'Burstable', number: 1_000_003 + i * 7919 };
}

function cgroupsOf({ uid, id, qos, number }: CrowdedPod): string[] {
  const pod = `cgroup/kubepods/${parents[qos]}pod${uid}`;
  return [
    formatEntry(`${pod}/cpu.stat`, `usage_usec ${number + 1000}\n`),
    formatEntry(`${pod}/pids.current`, '2\n'),
    formatEntry(`${pod}/${id}/cpu.stat`, `usage_usec ${number}\n`),
    formatEntry(`${pod}/${id}/memory.current`, `${number * 16}\n`),
  ];
}

function objectOf({ name, uid, id, qos }: CrowdedPod): object {
  const controller = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'web', uid: 'web', controller: true };
  const state = { running: { startedAt: '2026-05-11T07:42:10Z' } };
  return {
    metadata: { name, namespace: 'crowd', uid, ownerReferences: [controller] },
    spec: { nodeName: 'crowd-1', containers: [{ name: 'web', image: 'registry.example/web:1' }] },
    status: {
      phase: 'Running',
      qosClass: qos,
      containerStatuses: [
        { name: 'web', containerID: `containerd://${id}`, image: 'registry.example/web:1', ready: true, state },
      ],
    },
  };
}

const pods = Array.from({ length: podCount }, (_, i) => podOf(i));
const host = [
  formatEntry('cgroup/cgroup.controllers', 'cpu memory pids\n'),
  ...['kubepods/', 'kubepods/burstable/', 'kubepods/besteffort/'].map((path) => formatEntry(`cgroup/${path}`, '')),
  ...pods.flatMap(cgroupsOf),
];
const list = { kind: 'PodList', apiVersion: 'v1', metadata: { resourceVersion: '105752' } };
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'host.txt'), host.join(''));
// A pod a line.
const items = pods.map((pod) => JSON.stringify(objectOf(pod))).join(',\n');
writeFileSync(join(folder, 'pods.json'), `${JSON.stringify(list).slice(0, -1)},"items":[\n${items}\n]}\n`);
