/** The API server as a script: what each answer is taken for. The rights themselves are seen on a real one, in test/integration. */
import { beforeAll, expect, test } from 'vitest';
import { apiClock, apiKinds, checkApi } from '../../../src/check/api.ts';
import type { ApiReport } from '../../../src/check/api.ts';
import { createProblems } from '../../../src/problems.ts';
import { everything } from '../../../src/watch/selection.ts';
import type { Selection } from '../../../src/watch/selection.ts';
import { selfSigned } from '../../support/certificates.ts';
import type { Issued } from '../../support/certificates.ts';
import { body, podList, refusal, scriptedApi, watchThatStays } from '../../support/scripted-api.ts';
import type { Step } from '../../support/scripted-api.ts';
import { apiPod, recordingLogger } from '../watch/running-watch.ts';
import { createSeen } from './seen.ts';

const seen = createSeen({ ...apiKinds, clockAgrees: apiClock.agrees, clockDiffers: apiClock.differs });
const never = new AbortController().signal;
const node = body(JSON.stringify({ kind: 'Node', metadata: { name: 'node-1' } }));
const pods = podList('7', apiPod('a'), apiPod('b'));
let issued: Issued;

beforeAll(async () => {
  issued = await selfSigned('api');
});

interface Scene {
  readonly needsNode?: boolean;
  readonly selection?: Selection;
  readonly signal?: AbortSignal;
  readonly verify?: boolean;
  readonly certificate?: Issued;
}

interface Seen {
  readonly told: readonly string[];
  readonly report: ApiReport;
  readonly url: string;
  /** Path and query of each request. */
  readonly asked: readonly string[];
  readonly connections: number;
}

/** What is told after these answers. */
async function after(steps: readonly Step[], scene: Scene = {}): Promise<Seen> {
  const { needsNode = true, selection = everything, signal = never, verify = true, certificate } = scene;
  await using api = await scriptedApi(certificate);
  api.script(...steps);
  const access = {
    url: new URL(api.url),
    credentials: async () => ({
      headers: { authorization: 'Bearer one' },
      tls: verify ? { ca: issued.cert } : { rejectUnauthorized: false },
    }),
    refresh() {
      // There is nothing to read again.
    },
  };
  const problems = createProblems(recordingLogger([]));
  const report = await checkApi(
    { access, node: 'node-1', needsNode, selection, problems, timeout: 20_000, wall: Date.now },
    signal,
  );
  return {
    told: seen.told(report.findings),
    report,
    url: api.url,
    asked: api.requests.map(({ path, query }) => `${path}?${new URLSearchParams(query).toString()}`),
    connections: new Set(api.requests.map(({ connection }) => connection)).size,
  };
}

const reached = (url: string) => `reached: answers at ${url}, its certificate verified, the credentials taken`;
const agrees = 'clockAgrees: agrees with the clock of this host';

test('all well: the requests of the agent itself, and what they gave', async () => {
  const { told, report, url, asked } = await after([pods, watchThatStays(), node], { certificate: issued });
  expect(told).toEqual([
    ...[reached(url), agrees, 'listed: 2 on node node-1', 'ownPods: all 2 listed pods are of this node'],
    ...['watched: a watch began', 'nodeRead: node-1'],
  ]);
  expect(Array.from(report.pods?.keys() ?? [])).toEqual(['a', 'b']);
  expect(report.nodeRecord).toBeDefined();
  const onNode = '/api/v1/pods?fieldSelector=spec.nodeName%3Dnode-1';
  expect(asked).toEqual([
    `${onNode}&resourceVersion=0`,
    `${onNode}&watch=1&allowWatchBookmarks=true&timeoutSeconds=1&resourceVersion=7`,
    '/api/v1/nodes/node-1?resourceVersion=0',
  ]);
});

test('pods that are left out are counted and not among those that have to be found', async () => {
  const selection = { ...everything, namespaces: ['!default'] };
  const { told, report } = await after([pods, watchThatStays(), node], { selection });
  expect(told).toContain('listed: 2 on node node-1, 2 of them left out');
  expect(told).toContain('ownPods: all 2 listed pods are of this node');
  expect(report.pods?.size).toBe(0);
});

test('pods that are not of this node are counted, and not among those that have to be found', async () => {
  const on = (uid: string, nodeName?: string) => ({ ...apiPod(uid), spec: { nodeName, containers: [{ name: 'main' }] } });
  const all = podList('7', apiPod('a'), on('c', 'node-2'), on('d', 'node-11'), on('e'), apiPod('b'), {});
  const { told, report } = await after([all, watchThatStays(), node]);
  expect(told.slice(2, 4)).toEqual(['listed: 2 on node node-1', 'foreignPods: 3 of 5 listed pods are not of this node']);
  expect(Array.from(report.pods?.keys() ?? [])).toEqual(['a', 'b']);
});

test('a server that is not verified, with TLS and without', async () => {
  const insecure = await after([pods, watchThatStays(), node], { certificate: issued, verify: false });
  expect(insecure.told[0]).toBe(`unverified: answers at ${insecure.url}, its certificate not verified`);
  const plain = await after([pods, watchThatStays(), node]);
  expect(plain.told[0]).toBe(`unverified: answers at ${plain.url}, without TLS`);
});

test('credentials that are not known: nothing more is asked', async () => {
  const { told, asked, report } = await after([refusal(401, 'Unauthorized'), refusal(401, 'Unauthorized')]);
  expect(told).toEqual(['unknown: HTTP 401: Unauthorized', agrees]);
  expect(asked).toHaveLength(2);
  expect(report.pods).toBeUndefined();
});

test('each right on its own', async () => {
  const no = (verb: string) => refusal(403, `User "x" cannot ${verb}`);
  const list = await after([no('list'), watchThatStays(), node], { certificate: issued });
  expect(list.told.slice(2)).toEqual([
    'listDenied: HTTP 403: User "x" cannot list',
    'watched: a watch began',
    'nodeRead: node-1',
  ]);
  expect(list.asked[1]).toContain('resourceVersion=0');
  const watch = await after([pods, no('watch'), node]);
  expect(watch.told.slice(4)).toEqual(['watchDenied: HTTP 403: User "x" cannot watch', 'nodeRead: node-1']);
  const get = await after([pods, watchThatStays(), no('get')]);
  expect(get.told.slice(5)).toEqual(['nodeDenied: HTTP 403: User "x" cannot get']);
  const needless = await after([pods, watchThatStays(), no('get')], { needsNode: false });
  expect(needless.told.slice(5)).toEqual(['nodeUnread: HTTP 403: User "x" cannot get']);
});

test('a node that is not there, and one that is not ready', async () => {
  const missing = await after([pods, watchThatStays(), refusal(404, 'nodes "node-1" not found')]);
  expect(missing.told.at(-1)).toBe('nodeMissing: HTTP 404: nodes "node-1" not found');
  const status = { conditions: [{ type: 'Ready', status: 'False' }] };
  const unready = await after([
    pods,
    watchThatStays(),
    body(JSON.stringify({ kind: 'Node', metadata: { name: 'node-1' }, status })),
  ]);
  expect(unready.told.at(-1)).toBe('nodeRead: node-1, which is not ready');
});

test('answers of something else', async () => {
  const html = await after([body('<html>')]);
  expect(html.told).toEqual(['strange: the answer is not a list of pods', agrees]);
  const broken = await after([refusal(500, 'etcd')]);
  expect(broken.told).toEqual(['strange: HTTP 500: etcd', agrees]);
  const held = await after([pods, (response) => response.destroy(), body('{}')]);
  expect(held.told.slice(4)).toEqual(['watchStrange: socket hang up', 'nodeStrange: the answer is no node']);
  const gone = await after([pods, refusal(500, 'a'), refusal(503, 'b')]);
  expect(gone.told.slice(4)).toEqual(['watchStrange: HTTP 500: a', 'nodeStrange: HTTP 503: b']);
});

test('a clock that is an hour off', async () => {
  const late: Step = (response, request) => {
    response.setHeader('date', new Date(Date.now() - 3_600_000).toUTCString());
    return pods(response, request);
  };
  const began = performance.now();
  const { told } = await after([late, watchThatStays(), node]);
  const spent = Math.ceil((performance.now() - began) / 1000);
  const [, seconds] = /^clockDiffers: this host is (\d+) s ahead$/.exec(told[1] ?? '') ?? [];
  expect(Number(seconds)).toBeGreaterThanOrEqual(3598 - spent);
  expect(Number(seconds)).toBeLessThanOrEqual(3600);
});

test('whoever stops it is not told a reason', async () => {
  const stop = new AbortController();
  const step: Step = () => stop.abort(new Error('of the test'));
  await expect(after([step], { signal: stop.signal })).rejects.toThrow('of the test');
});

test('each kind was seen', () => {
  expect(seen.unseen()).toEqual([]);
});
