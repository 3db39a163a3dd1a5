/** The API server: reachable, and every right that the agent uses, by the requests that the agent makes. */
import type { NodeRecord, Pod } from '../model.ts';
import type { Problems } from '../problems.ts';
import { createConnection } from '../watch/connection.ts';
import type { Answer } from '../watch/connection.ts';
import type { ClusterAccess } from '../watch/credentials.ts';
import { parse } from '../watch/json.ts';
import { nodeRecord } from '../watch/node-record.ts';
import { readPodList } from '../watch/pod-list.ts';
import { createPodStore } from '../watch/pod-store.ts';
import { createPodReader } from '../watch/read-pod.ts';
import { readRefusal } from '../watch/refusal.ts';
import type { Selection } from '../watch/selection.ts';
import { checkClock, clockKinds } from './clock.ts';
import { finding } from './finding.ts';
import type { Finding, Kind, Kinds } from './finding.ts';
import { failureOf, reachKinds, reasonOf } from './reach.ts';

const what = 'API server';
const rule = (resource: string, verbs: string) =>
  `add {apiGroups: [""], resources: ["${resource}"], verbs: [${verbs}]} to the ClusterRole of its account`;

export const apiReach = reachKinds({
  what,
  address: 'the server in the kubeconfig (in a pod: KUBERNETES_SERVICE_HOST and _PORT)',
  trust: 'certificate-authority in the kubeconfig (in a pod: ca.crt in --service-account-dir)',
  files: '--kubeconfig (KUBECONFIG), or token and ca.crt in --service-account-dir (PODGAUGE_SERVICE_ACCOUNT_DIR)',
});

export const apiClock = clockKinds('API clock', 'the API server');

export const apiKinds = {
  reached: { level: 'ok', what, when: 'it answers and takes the credentials' },
  unverified: {
    level: 'warn',
    what,
    when: 'it answers and takes the credentials, and nobody verifies that it is the API server',
    remedy: 'set certificate-authority in the kubeconfig instead of insecure-skip-tls-verify, and an https:// server',
  },
  unknown: {
    level: 'FAIL',
    what,
    when: 'it does not know the credentials (HTTP 401)',
    remedy: 'renew the token: that of an account which was made anew, or of another cluster, is not taken',
  },
  strange: {
    level: 'FAIL',
    what,
    when: 'it answers the list of pods with something else',
    remedy: 'look whether that address is the API server, and at its health',
  },
  listed: { level: 'ok', what: 'list pods', when: "this node's pods were listed, with the agent's own request" },
  listDenied: {
    level: 'FAIL',
    what: 'list pods',
    when: 'the right is missing (HTTP 403): there are no pods at all',
    remedy: rule('pods', '"list", "watch"'),
  },
  ownPods: { level: 'ok', what: 'field selector', when: 'each pod that was listed is of this node' },
  foreignPods: {
    level: 'FAIL',
    what: 'field selector',
    when: 'pods that are not of this node were listed: they are left out, and each agent reads them all',
    remedy: 'look for what stands between here and the API server, and drops fieldSelector from the query',
  },
  watched: { level: 'ok', what: 'watch pods', when: "a watch of this node's pods began" },
  watchDenied: {
    level: 'FAIL',
    what: 'watch pods',
    when: 'the right is missing (HTTP 403): pods that come or go are not seen',
    remedy: rule('pods', '"list", "watch"'),
  },
  watchStrange: {
    level: 'FAIL',
    what: 'watch pods',
    when: 'the watch was answered with something else, or not at all',
    remedy: 'look at the health of the API server, and at proxies that hold back answers without an end',
  },
  nodeRead: { level: 'ok', what: 'get node', when: 'the object of this node was read' },
  nodeDenied: {
    level: 'FAIL',
    what: 'get node',
    when: 'the right is missing (HTTP 403): capacity and allocatable are absent, and the kubelet is not found',
    remedy: rule('nodes', '"get"'),
  },
  nodeUnread: { level: 'ok', what: 'get node', when: 'the right is missing, and nothing that is collected needs it' },
  nodeMissing: {
    level: 'FAIL',
    what: 'get node',
    when: 'there is no node of that name: no pod is ever found',
    remedy: 'set --node-name (NODE_NAME) to the name of this node in Kubernetes, in a pod from spec.nodeName',
  },
  nodeStrange: {
    level: 'FAIL',
    what: 'get node',
    when: 'the node was answered with something else, or not at all',
    remedy: 'look at the health of the API server',
  },
} as const satisfies Kinds;

export interface ApiCheckOptions {
  readonly access: ClusterAccess;
  readonly node: string;
  /** Whether anything that is collected needs the object of the node. */
  readonly needsNode: boolean;
  readonly selection: Selection;
  readonly problems: Problems;
  /** Milliseconds for each request. */
  readonly timeout: number;
  /** Unix time in milliseconds. */
  wall(): number;
}

export interface ApiReport {
  readonly findings: readonly Finding[];
  /** Pods of this node that are collected; absent where they could not be listed. */
  readonly pods?: ReadonlyMap<string, Pod>;
  readonly nodeRecord?: NodeRecord;
}

interface Read<T> {
  readonly finding: Finding;
  readonly value?: T;
}

/** Of the time for a request that which its answer may take to begin: a body takes some, too. */
const answerShare = 0.8;

/** Rejects only when the signal aborts. */
export async function checkApi(options: ApiCheckOptions, signal: AbortSignal): Promise<ApiReport> {
  const { access, node, timeout, wall } = options;
  let verified = false;
  const noted: ClusterAccess = {
    url: access.url,
    async credentials() {
      const credentials = await access.credentials();
      verified = access.url.protocol === 'https:' && credentials.tls.rejectUnauthorized !== false;
      return credentials;
    },
    refresh: () => access.refresh(),
  };
  const connection = createConnection(noted, () => {
    // Nobody asks when it last sent something.
  });
  const limits = { answer: timeout * answerShare, idle: timeout, total: timeout };
  const onNode = `/api/v1/pods?fieldSelector=${encodeURIComponent(`spec.nodeName=${node}`)}`;
  let clock: readonly Finding[] = [];

  /** What is wrong with an answer, or with a request after the first, is of the kind `strange`. */
  async function ask<T>(path: string, strange: Kind, read: (answer: Answer) => Promise<Read<T>>): Promise<Read<T>> {
    try {
      return await connection.request(path, limits, signal, read);
    } catch (error) {
      signal.throwIfAborted();
      return { finding: finding(strange, failureOf(error).message) };
    }
  }

  async function first(): Promise<Read<Listed>> {
    const sent = wall();
    try {
      return await connection.request(`${onNode}&resourceVersion=0`, limits, signal, (answer) => {
        clock = checkClock(apiClock, answer.headers.date, sent, wall());
        return readList(answer, options).catch((error: unknown) => {
          signal.throwIfAborted();
          return { finding: finding(apiKinds.strange, failureOf(error).message) };
        });
      });
    } catch (error) {
      signal.throwIfAborted();
      const failure = failureOf(error);
      return { finding: finding(apiReach[reasonOf(failure)], `${access.url.origin}: ${failure.message}`) };
    }
  }

  try {
    const listed = await first();
    if (listed.finding.kind.what === what) return { findings: [listed.finding, ...clock] };
    const from = encodeURIComponent(listed.value?.version ?? '0');
    const watchQuery = `watch=1&allowWatchBookmarks=true&timeoutSeconds=1&resourceVersion=${from}`;
    const watched = await ask(`${onNode}&${watchQuery}`, apiKinds.watchStrange, readWatch);
    const nodePath = `/api/v1/nodes/${encodeURIComponent(node)}?resourceVersion=0`;
    const got = await ask(nodePath, apiKinds.nodeStrange, (answer) => readNode(answer, options));
    return {
      findings: [
        reached(access.url, verified),
        ...clock,
        listed.finding,
        ...(listed.value ? [listed.value.heeded] : []),
        watched.finding,
        got.finding,
      ],
      ...(listed.value && { pods: listed.value.pods }),
      ...(got.value && { nodeRecord: got.value }),
    };
  } finally {
    connection.close();
  }
}

function reached({ origin, protocol }: URL, verified: boolean): Finding {
  if (verified) return finding(apiKinds.reached, `answers at ${origin}, its certificate verified, the credentials taken`);
  const lack = protocol === 'https:' ? 'its certificate not verified' : 'without TLS';
  return finding(apiKinds.unverified, `answers at ${origin}, ${lack}`);
}

interface Listed {
  readonly pods: ReadonlyMap<string, Pod>;
  readonly version: string;
  /** Whether the field selector was heeded. */
  readonly heeded: Finding;
}

function heeded(own: number, elsewhere: number): Finding {
  if (elsewhere === 0) return finding(apiKinds.ownPods, `all ${own} listed pods are of this node`);
  return finding(apiKinds.foreignPods, `${elsewhere} of ${own + elsewhere} listed pods are not of this node`);
}

async function readList(answer: Answer, { node, selection, problems }: ApiCheckOptions): Promise<Read<Listed>> {
  if (answer.status !== 200) return refused(answer, { 401: apiKinds.unknown, 403: apiKinds.listDenied }, apiKinds.strange);
  const store = createPodStore(() => {
    // Nothing is kept for a pod here.
  });
  const { pods, elsewhere, version } = await readPodList(answer.chunks, createPodReader({ node, selection, problems }));
  store.replace(pods);
  const { size } = store.leftOut();
  const leftOut = size === 0 ? '' : `, ${size} of them left out`;
  return {
    finding: finding(apiKinds.listed, `${pods.length} on node ${node}${leftOut}`),
    value: { pods: store.snapshot(), version, heeded: heeded(pods.length, elsewhere) },
  };
}

async function readWatch(answer: Answer): Promise<Read<never>> {
  if (answer.status === 200) return { finding: finding(apiKinds.watched, 'a watch began') };
  return refused(answer, { 403: apiKinds.watchDenied }, apiKinds.watchStrange);
}

async function readNode(answer: Answer, { node, needsNode }: ApiCheckOptions): Promise<Read<NodeRecord>> {
  const denied = needsNode ? apiKinds.nodeDenied : apiKinds.nodeUnread;
  if (answer.status !== 200) return refused(answer, { 403: denied, 404: apiKinds.nodeMissing }, apiKinds.nodeStrange);
  const value = nodeRecord(parse(Buffer.concat(await Array.fromAsync(answer.chunks)).toString()));
  if (value === undefined) return { finding: finding(apiKinds.nodeStrange, 'the answer is no node') };
  return { finding: finding(apiKinds.nodeRead, `${node}${value.ready === false ? ', which is not ready' : ''}`), value };
}

async function refused(answer: Answer, known: Readonly<Record<number, Kind>>, otherwise: Kind): Promise<Read<never>> {
  const { status, message } = await readRefusal(answer);
  return { finding: finding(known[status] ?? otherwise, message) };
}
