/** Pods of every kind that come and go on one node, at most so many at a time, and as fast as the node makes them. */
import { setTimeout as sleep } from 'node:timers/promises';
import pLimit from 'p-limit';
import type { ApiClient, ApiObject } from '../../servers/api-client.ts';
import type { Cluster } from '../../servers/cluster/cluster.ts';
import { toolsPod, type ToolsContainer, type ToolsPod } from '../node-pods.ts';
import { until } from '../until.ts';
import { markedPod } from './marks.ts';

const deployments = '/apis/apps/v1/namespaces/default/deployments';
const pods = '/api/v1/namespaces/default/pods';

/** Those that stay: they burn under a quota, hold memory, are stuck at their limit, and write to the disk. */
const residents: readonly ToolsPod[] = [
  { name: 'burner', containers: [{ name: 'main', load: ['burn'], limits: { cpu: '50m', memory: '16Mi' } }] },
  {
    name: 'burners',
    containers: [
      { name: 'one', load: ['burn', '2'], limits: { cpu: '30m', memory: '16Mi' } },
      { name: 'other', load: ['burn'], requests: { cpu: '10m' }, limits: { cpu: '20m', memory: '16Mi' } },
    ],
  },
  { name: 'holder', containers: [{ name: 'main', load: ['hold', '24'], limits: { memory: '32Mi' } }] },
  {
    name: 'at-limit',
    containers: [
      shell('while :; do dd if=/dev/zero of=/tmp/f bs=64k count=400 2>/dev/null; sync; sleep 5; done', {
        cpu: '60m',
        memory: '16Mi',
      }),
    ],
  },
  {
    name: 'breathing',
    containers: [
      shell('while :; do head -c 12000000 /dev/zero | tail -c 12000000 >/dev/null; sleep 2; done', {
        cpu: '60m',
        memory: '32Mi',
      }),
      { name: 'other' },
    ],
  },
];

/** Pods of theirs are made again by whoever controls them. */
const controlled: readonly object[] = [
  deployment('exhausted', [
    { name: 'main', load: ['exhaust'], limits: { memory: '12Mi' } },
    { name: 'many', load: ['exhaust', '2'], limits: { memory: '12Mi' } },
  ]),
  deployment('scaled', [{ name: 'main', load: ['hold', '2'] }]),
];

function shell(script: string, limits: Readonly<Record<string, string>>): ToolsContainer {
  return { name: 'main', command: ['sh', '-c', script], limits };
}

/** Resolves when they run. */
export async function startResidents({ api, nodeName }: Cluster): Promise<void> {
  for (const one of controlled) await api.request('POST', deployments, one);
  await api.createPods(residents.map((pod) => toolsPod(pod, nodeName)));
  // However slow the node is.
  await until('the pods that stay', async () => areRunning(await api.request('GET', pods)), { seconds: 600 });
}

function areRunning({ items = [] }: ApiObject): boolean {
  const running = items.filter(({ status }) => status?.['phase'] === 'Running');
  return residents.every(({ name }) => running.some(({ metadata }) => metadata.name === name));
}

/** Pods that are started at a time: more of them only wait for the node's one processor. */
const atOnce = 2;

/**
 * Until the signal aborts; then nothing is made any more, but some of it is there still. Resolves with what went wrong on the way:
 * it goes on all the same.
 */
export async function churn({ api, nodeName }: Cluster, signal: AbortSignal): Promise<string[]> {
  const making = pLimit(atOnce);
  const trouble: string[] = [];
  const isOn = () => !signal.aborted;
  const remove = (name: string, grace: number) => removePod(api, name, grace);
  const pause = (milliseconds: number) => sleep(milliseconds, undefined, { signal }).catch(() => undefined);

  /** Resolves when it runs, or did. */
  async function start(pod: ToolsPod): Promise<void> {
    await making(async () => {
      if (!isOn()) return;
      await api.createPod(toolsPod(pod, nodeName));
      await untilPhase(pod.name, ['Running', 'Succeeded', 'Failed']);
    });
  }

  async function untilPhase(name: string, phases: readonly string[]): Promise<void> {
    for (let i = 0; isOn() && i < 40; i += 1) {
      if (phases.includes(String((await find(api, name))?.status?.['phase']))) return;
      await pause(1000);
    }
  }

  /** They end by themselves, and are removed when they did. */
  async function shortLived(i: number): Promise<void> {
    const name = `short-${i}`;
    const script = ['exit 0', 'sleep 1; exit 3', 'i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done'][i % 3] ?? '';
    const containers = [shell(script, { memory: '16Mi' }), ...(i % 4 === 0 ? [{ name: 'other', load: ['exit', '0'] }] : [])];
    await start({ name, containers, spec: { restartPolicy: 'Never' } });
    await untilPhase(name, ['Succeeded', 'Failed']);
    await remove(name, i % 2);
    await pause(2000);
  }

  /** Removed in the midst of what they do, without grace: the object goes first, what runs later. */
  async function cutOff(i: number): Promise<void> {
    const name = `cut-${i}`;
    const load = [['hold', '8'], ['burn'], ['wait']][i % 3] ?? [];
    await start({ name, containers: [{ name: 'main', load, limits: { cpu: '30m', memory: '16Mi' } }] });
    await pause(4000 + (i % 5) * 700);
    await remove(name, 0);
    await pause(1000);
  }

  /** One name, again and again, and nothing in between. */
  async function sameName(i: number): Promise<void> {
    const name = 'same-0';
    await start({ name, containers: [{ name: 'main', load: ['burn'], limits: { cpu: '20m', memory: '16Mi' } }] });
    await pause(7000);
    await remove(name, i % 3 === 0 ? 1 : 0);
  }

  /** Its container is restarted at once, and soon not: then it is begun anew. */
  async function restarting(i: number): Promise<void> {
    const name = `restarting-${i}`;
    const other = { name: 'other', load: ['hold', '4'], limits: { memory: '16Mi' } };
    await start({ name, containers: [shell('sleep 3; exit 1', { memory: '16Mi' }), other] });
    await pause(45_000);
    await remove(name, 1);
  }

  /** The same for one that is killed for memory. */
  async function exhausted(): Promise<void> {
    await pause(40_000);
    const { items = [] } = await api.request('GET', `${pods}?labelSelector=app%3Dexhausted`);
    for (const { metadata } of items) if (isOn()) await remove(metadata.name, 1);
  }

  async function scaled(i: number): Promise<void> {
    await pause(14_000);
    const replicas = [2, 1, 0, 1][i % 4] ?? 1;
    if (isOn()) await api.request('PATCH', `${deployments}/scaled`, { spec: { replicas } });
  }

  async function repeat(turn: (i: number) => Promise<void>): Promise<void> {
    for (let i = 0; isOn(); i += 1) {
      try {
        await turn(i);
      } catch (error) {
        trouble.push(String(error));
        await pause(1000);
      }
    }
  }

  await Promise.all([shortLived, cutOff, sameName, restarting, exhausted, scaled].map(repeat));
  return trouble;
}

function deployment(name: string, of: readonly ToolsContainer[]): object {
  const labels = { app: name };
  const { containers, spec } = toolsPod({ name, containers: of }, '');
  return {
    metadata: { name },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { ...spec, automountServiceAccountToken: false, containers } },
    },
  };
}

/** Removes all that was made here, and waits until the API server knows none of it. */
export async function endChurn({ api }: Cluster): Promise<void> {
  for (const name of ['exhausted', 'scaled'])
    await api.request('DELETE', `${deployments}/${name}`, { propagationPolicy: 'Background' });
  for (const deadline = AbortSignal.timeout(300_000); ;) {
    const { items: all = [] } = await api.request('GET', '/api/v1/pods');
    const items = all.filter(({ metadata }) => metadata.name !== markedPod);
    if (items.length === 0) return;
    // However slow the node is.
    if (deadline.aborted) throw new Error(`There are still pods: ${items.map(({ metadata }) => metadata.name).join(' ')}`);
    await Promise.all(items.map(({ metadata }) => removePod(api, metadata.name, 0)));
    // A controller may have made another one meanwhile.
    await sleep(1000);
  }
}

async function find(api: ApiClient, name: string): Promise<ApiObject | undefined> {
  return await api.request('GET', `${pods}/${name}`).catch(isGone);
}

async function removePod(api: ApiClient, name: string, gracePeriodSeconds: number): Promise<void> {
  await api.request('DELETE', `${pods}/${name}`, { gracePeriodSeconds }).catch(isGone);
  // The name is free when the object is gone.
  while ((await find(api, name))?.metadata['deletionTimestamp'] !== undefined) await sleep(300);
}

function isGone(error: unknown): undefined {
  if (!String(error).includes(' 404: ')) throw error;
}
