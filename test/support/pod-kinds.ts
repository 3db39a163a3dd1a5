/** Pods of every kind that the kubelet, the runtime and the kernel tell apart, on a node of the tests. */
import type { ApiObject } from '../servers/api-client.ts';
import type { Cluster } from '../servers/cluster/cluster.ts';
import { toolsImage } from '../servers/cluster/node.ts';
import { toolsPod, untilPods } from './node-pods.ts';

const small = { cpu: '50m', memory: '32Mi' };

export const podKinds = [
  {
    name: 'guaranteed',
    containers: [
      { name: 'main', load: ['hold', '8'], limits: small },
      { name: 'other', limits: small },
    ],
  },
  { name: 'burstable', containers: [{ name: 'main', load: ['burn'], requests: { cpu: '10m' }, limits: { cpu: '100m' } }] },
  { name: 'best-effort', containers: [{ name: 'main', command: ['httpd', '-f', '-p', '8080', '-h', '/bin'] }] },
  {
    name: 'with-init',
    initContainers: [
      { name: 'init', load: ['exit', '0'] },
      { name: 'sidecar', restartPolicy: 'Always' },
    ],
    containers: [{ name: 'main', limits: { memory: '16Mi' } }],
  },
  { name: 'host-network', spec: { hostNetwork: true }, containers: [{ name: 'main' }] },
];

/** For the node's own folder of pods. */
export const staticPod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'static', namespace: 'default' },
  spec: { containers: [{ name: 'main', image: toolsImage, imagePullPolicy: 'Never' }] },
};

/** All of them when all are ready, the mirror of the static pod last. */
export async function runPodKinds({ api, nodeName }: Cluster): Promise<ApiObject[]> {
  await api.createPods(podKinds.map((pod) => toolsPod(pod, nodeName)));
  return await untilPods(api, [...podKinds.map(({ name }) => name), `static-${nodeName}`]);
}
