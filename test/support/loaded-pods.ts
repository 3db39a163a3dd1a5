/** Pods with something to measure in each of the kubelet's numbers, and what they have done. */
import type { ApiObject } from '../servers/api-client.ts';
import type { Cluster } from '../servers/cluster/cluster.ts';
import { toolsPod, untilPods } from './node-pods.ts';
import type { ToolsPod } from './node-pods.ts';

/** Its limit holds it to one rate. */
export const burner = 'burner';

/** One is killed for memory, the other ends. */
export const endingPods = ['exhauster', 'restarter'] as const;

const shell = (script: string) => ['sh', '-c', script];
const write = (file: string, kilobytes: number) => `head -c ${kilobytes}000 /dev/zero >${file}$i`;
const growing = [write('/tmp/file', 300), write('/scratch/file', 500), write('/memory/file', 100), 'seq 2000', 'sleep 2'];

/** What they do they do for ever. */
const steadyPods: readonly ToolsPod[] = [
  { name: burner, containers: [{ name: 'main', load: ['burn'], limits: { cpu: '200m', memory: '64Mi' } }] },
  {
    name: 'holder',
    containers: [{ name: 'main', load: ['hold', '48'], limits: { memory: '96Mi' } }, { name: 'other' }],
  },
  { name: 'host', spec: { hostNetwork: true }, containers: [{ name: 'main' }] },
  { name: 'receiver', containers: [{ name: 'main', load: ['receive', '9000'] }] },
];

const changingPods: readonly ToolsPod[] = [
  {
    name: 'exhauster',
    containers: [{ name: 'main', command: shell('sleep 15; exec load exhaust'), limits: { memory: '32Mi' } }],
  },
  { name: 'restarter', containers: [{ name: 'main', command: shell('sleep 20') }] },
  {
    name: 'writer',
    spec: {
      volumes: [
        { name: 'scratch', emptyDir: {} },
        { name: 'memory', emptyDir: { medium: 'Memory', sizeLimit: '16Mi' } },
      ],
    },
    containers: [
      {
        name: 'main',
        command: shell(`i=0; while [ $i -lt 40 ]; do i=$((i+1)); ${growing.join('; ')}; done; exec load wait`),
        limits: { memory: '128Mi' },
        volumeMounts: [
          { name: 'scratch', mountPath: '/scratch' },
          { name: 'memory', mountPath: '/memory' },
        ],
      },
    ],
  },
];

/** Resolves when each has started. */
export async function runSteadyPods({ api, nodeName }: Cluster): Promise<void> {
  await api.createPods(steadyPods.map((pod) => toolsPod(pod, nodeName)));
  const [receiver] = await untilPods(api, ['receiver']);
  const command = shell(`while :; do load send ${String(receiver?.status?.['podIP'])} 9000 50; sleep 1; done`);
  await api.createPods([toolsPod({ name: 'sender', containers: [{ name: 'main', command }] }, nodeName)]);
}

/** What they do they begin now. */
export async function runChangingPods({ api, nodeName }: Cluster): Promise<void> {
  await api.createPods(changingPods.map((pod) => toolsPod(pod, nodeName)));
}

/** Resolves when what ends has ended and been started again. */
export async function untilRestarted({ api }: Cluster): Promise<ApiObject[]> {
  return await untilPods(api, endingPods, ({ status }) => /"restartCount":[1-9]/.test(JSON.stringify(status)));
}
