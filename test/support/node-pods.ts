/** Pods of every kind that a node tells apart, of the image that it has. */
import { isReady, type ApiClient, type ApiObject, type PodSpec } from '../servers/api-client.ts';
import { toolsImage } from '../servers/cluster/node.ts';
import { until } from './until.ts';

export interface ToolsContainer {
  readonly name: string;
  /** Arguments of `load` (test/node/load.c); `wait` where absent. */
  readonly load?: readonly string[];
  /** Another program of the image, instead. */
  readonly command?: readonly string[];
  /** Such as `{ cpu: '100m', memory: '64Mi' }`. */
  readonly requests?: Readonly<Record<string, string>>;
  readonly limits?: Readonly<Record<string, string>>;
  readonly [key: string]: unknown;
}

export interface ToolsPod {
  readonly name: string;
  readonly namespace?: string;
  readonly containers: readonly ToolsContainer[];
  readonly initContainers?: readonly ToolsContainer[];
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly spec?: Readonly<Record<string, unknown>>;
}

export function toolsPod({ containers, initContainers = [], spec, ...pod }: ToolsPod, node: string): PodSpec {
  return {
    ...pod,
    node,
    containers: containers.map(toolsContainer),
    spec: { terminationGracePeriodSeconds: 1, ...spec, initContainers: initContainers.map(toolsContainer) },
  };
}

function toolsContainer({ load = ['wait'], command, requests, limits, ...container }: ToolsContainer) {
  return {
    image: toolsImage,
    imagePullPolicy: 'Never',
    command: command ?? ['load', ...load],
    resources: { ...(requests && { requests }), ...(limits && { limits }) },
    ...container,
  };
}

/** Resolves with these pods, in this order, when each is as wanted: ready, where nothing is said. */
export async function untilPods(
  api: ApiClient,
  names: readonly string[],
  wanted: (pod: ApiObject) => boolean = isReady,
): Promise<ApiObject[]> {
  let pods = new Map<string, ApiObject>();
  const describe = () => JSON.stringify(Array.from(pods.values(), ({ metadata, status }) => [metadata.name, status]));
  await until(
    `pods ${names.join(', ')}`,
    async () => {
      const { items = [] } = await api.request('GET', '/api/v1/pods');
      pods = new Map(items.map((pod) => [pod.metadata.name, pod]));
      return names.every((name) => isWanted(pods.get(name), wanted));
    },
    { seconds: 300, describe },
  );
  return names.flatMap((name) => pods.get(name) ?? []);
}

function isWanted(pod: ApiObject | undefined, wanted: (pod: ApiObject) => boolean): boolean {
  return pod !== undefined && wanted(pod);
}
