/** The tests' own client of the API server: nodes and pods made, changed and deleted, many at a time. */
import { Agent, request as httpsRequest } from 'node:https';
import type { IncomingMessage } from 'node:http';
import pLimit from 'p-limit';

/** As much of any API object as tests look at. */
export interface ApiObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly [key: string]: unknown;
  };
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>>;
  readonly items?: readonly ApiObject[];
  /** Of a role. */
  readonly rules?: readonly object[];
}

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: ApiObject & { readonly code?: number; readonly reason?: string };
}

export interface PodSpec {
  readonly name: string;
  readonly node: string;
  /** `default` where absent. */
  readonly namespace?: string;
  readonly containers: readonly { readonly name: string; readonly [key: string]: unknown }[];
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly spec?: Readonly<Record<string, unknown>>;
}

export interface ApiClient {
  /** Throws an error that names the status where the server refuses; `signal` ends it early. */
  request(method: string, path: string, body?: object, signal?: AbortSignal): Promise<ApiObject>;
  /** The body as it is, of what is no object. */
  text(path: string, signal?: AbortSignal): Promise<string>;
  /** The events of `path`, a list's path with its query and without `watch`, until the server or `signal` ends it. */
  watch(path: string, signal?: AbortSignal): AsyncGenerator<WatchEvent, void>;
  createNode(name: string): Promise<ApiObject>;
  createPod(pod: PodSpec): Promise<ApiObject>;
  /** Some at a time, in no order. */
  createPods(pods: readonly PodSpec[]): Promise<ApiObject[]>;
  /** A merge patch of `status`. */
  patchPodStatus(pod: ApiObject, status: object): Promise<ApiObject>;
  /** Without grace: it is gone when this resolves. */
  deletePod(pod: ApiObject): Promise<void>;
  deletePods(pods: readonly ApiObject[]): Promise<void>;
  /** Lets a user list and watch pods and get nodes: all the rights that the agent needs. */
  allowReading(user: string): Promise<void>;
}

export interface ApiTarget {
  readonly url: string;
  readonly token: string;
  /** PEM; asked for each connection, so that it may change. */
  ca(): string;
}

export function createApiClient(target: ApiTarget): ApiClient & Disposable {
  const agent = new Agent({ keepAlive: true, maxSockets: 32 });
  const limit = pLimit(16);

  async function open(method: string, path: string, body?: object, signal?: AbortSignal): Promise<IncomingMessage> {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const content = body === undefined ? '' : JSON.stringify(body);
    const headers = {
      authorization: `Bearer ${target.token}`,
      'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
      // Node frames the body of a DELETE only when it is told how long it is.
      'content-length': Buffer.byteLength(content),
    };
    const options = { agent, method, headers, ca: target.ca(), ...(signal && { signal }) };
    httpsRequest(new URL(path, target.url), options, resolve).on('error', reject).end(content);
    const response = (await promise).setEncoding('utf8');
    const { statusCode = 0 } = response;
    if (statusCode >= 300) throw new Error(`${method} ${path} ${statusCode}: ${await textOf(response)}`);
    return response;
  }

  async function request(method: string, path: string, body?: object, signal?: AbortSignal): Promise<ApiObject> {
    const object: ApiObject = JSON.parse(await textOf(await open(method, path, body, signal)));
    return object;
  }

  async function* watch(path: string, signal?: AbortSignal): AsyncGenerator<WatchEvent, void> {
    const response = await open('GET', `${path}${path.includes('?') ? '&' : '?'}watch=1`, undefined, signal);
    let rest = '';
    for await (const chunk of response) {
      const lines = `${rest}${chunk}`.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const event: WatchEvent = JSON.parse(line);
        yield event;
      }
    }
  }

  async function deletePod(pod: ApiObject): Promise<void> {
    await request('DELETE', podPath(pod), { gracePeriodSeconds: 0 });
  }

  const createPod = (pod: PodSpec) => request('POST', `/api/v1/namespaces/${pod.namespace ?? 'default'}/pods`, podObject(pod));
  return {
    request,
    text: async (path, signal) => textOf(await open('GET', path, undefined, signal)),
    watch,
    createNode: (name) => request('POST', '/api/v1/nodes', { metadata: { name } }),
    createPod,
    createPods: (pods) => Promise.all(pods.map((pod) => limit(createPod, pod))),
    patchPodStatus: (pod, status) => request('PATCH', `${podPath(pod)}/status`, { status }),
    deletePod,
    async deletePods(pods) {
      await Promise.all(pods.map((pod) => limit(deletePod, pod)));
    },
    async allowReading(user) {
      const rules = [
        { apiGroups: [''], resources: ['pods'], verbs: ['list', 'watch'] },
        { apiGroups: [''], resources: ['nodes'], verbs: ['get'] },
      ];
      const role = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: `reader-${user}` };
      const subject = { apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user };
      const metadata = { name: role.name };
      await request('POST', '/apis/rbac.authorization.k8s.io/v1/clusterroles', { metadata, rules });
      await request('POST', '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
        metadata,
        roleRef: role,
        subjects: [subject],
      });
    },
    [Symbol.dispose]: () => agent.destroy(),
  };
}

/** Of a node or a pod. */
export function isReady({ status }: ApiObject): boolean {
  const conditions = status?.['conditions'];
  if (!Array.isArray(conditions)) return false;
  return conditions.some((one: { type?: string; status?: string }) => one.type === 'Ready' && one.status === 'True');
}

async function textOf(response: IncomingMessage): Promise<string> {
  let whole = '';
  for await (const chunk of response) whole += chunk;
  return whole;
}

function podPath({ metadata }: ApiObject): string {
  return `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}`;
}

function podObject(pod: PodSpec): object {
  const containers = pod.containers.map((container) => ({ image: 'test.invalid/none', ...container }));
  return {
    metadata: { ...pod.metadata, name: pod.name },
    // No account is mounted: nothing here makes them.
    spec: { nodeName: pod.node, automountServiceAccountToken: false, ...pod.spec, containers },
  };
}
