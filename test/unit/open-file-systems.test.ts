import { beforeAll, expect, test } from 'vitest';
import type { Cluster } from '../../src/cluster.ts';
import type { Config, FileSystems } from '../../src/config/config.ts';
import type { Target } from '../../src/locate/targets.ts';
import type { NodeRecord } from '../../src/model.ts';
import { openFileSystems } from '../../src/open-file-systems.ts';
import { selfSigned } from '../support/certificates.ts';
import type { Issued } from '../support/certificates.ts';
import { body, scriptedApi } from '../support/scripted-api.ts';
import type { ScriptedApi } from '../support/scripted-api.ts';
import { until } from '../support/until.ts';
import { hostOf } from './collect/host-of.ts';
import { podPath, target } from './collect/target-of.ts';
import { load } from './config/load.ts';
import { account, endpointOf } from './file-systems/running-kubelet.ts';
import { answeredAt, summaryText } from './file-systems/summary-text.ts';
import { recordingLogger } from './watch/running-watch.ts';

let issued: Issued;

beforeAll(async () => {
  issued = await selfSigned('kubelet');
});

async function configOf(fileSystems: FileSystems | undefined): Promise<Config> {
  return { ...(await load({})), nodeName: 'node-1', fileSystems };
}

/** Ends the run in its nth wait: the first is the one before the first request. */
async function opened(
  fileSystems: FileSystems | undefined,
  { record, endIn = 2 }: { readonly record?: NodeRecord | undefined; readonly endIn?: number } = {},
) {
  const { host } = await hostOf({ 'sys/fs/cgroup/cgroup.controllers': 'cpu\n' });
  const logged: string[] = [];
  const controller = new AbortController();
  const waits: number[] = [];
  const never = (): Promise<void> => Promise.resolve();
  const cluster: Cluster = {
    pods: {
      snapshot: () => new Map(),
      leftOut: () => new Set(),
      ready: true,
      version: 0,
      stats: { lists: 0, starts: 0, lastHeardAt: 0, filtered: 0 },
      run: never,
    },
    node: { record, run: never },
    savingProblems: { counts: { gone: 0, denied: 0, malformed: 0, slow: 0, object: 0, fault: 0 } },
    run: never,
  };
  const source = openFileSystems({
    config: await configOf(fileSystems),
    host,
    cluster,
    log: recordingLogger(logged),
    wall: () => answeredAt,
    random: () => 0.5,
    async wait(milliseconds) {
      waits.push(milliseconds);
      if (waits.length >= endIn) controller.abort();
    },
    targets: () => [],
  });
  return { source, host, waits, logged, run: () => source?.run(controller.signal) };
}

function recordOf(api: ScriptedApi): NodeRecord {
  const { address, port } = endpointOf(api);
  return {
    capacity: {},
    allocatable: {},
    internalIps: [address],
    externalIps: ['192.0.2.1'],
    kubeletPort: port,
    unschedulable: false,
  };
}

test('nothing is opened where none is configured', async () => {
  expect((await opened(undefined)).source).toBeUndefined();
});

test('the kubelet is asked where the node says that it listens, with the token, and trusted as configured', async () => {
  await using api = await scriptedApi(issued);
  await using files = await account(issued.cert);
  api.script(body(summaryText));
  const { source, waits, run } = await opened(
    { kind: 'kubelet', periodMs: 60_000, tokenFile: files.tokenFile, trust: { kind: 'ca', file: files.caFile } },
    { record: recordOf(api) },
  );
  await run();
  expect(api.requests).toMatchObject([{ path: '/stats/summary', authorization: 'Bearer one' }]);
  expect(source?.report?.at).toBe(answeredAt);
  expect(source?.stats).toEqual({ requests: 1, failures: 0, refused: 0, lastAt: answeredAt });
  expect(waits[0]).toBe(15_000);
});

test('a certificate of somebody else is taken only where that is configured', async () => {
  await using api = await scriptedApi(issued);
  await using files = await account((await selfSigned('other')).cert);
  api.script(body(summaryText));
  const common = { kind: 'kubelet', periodMs: 60_000, tokenFile: files.tokenFile } as const;
  const record = recordOf(api);
  const verified = await opened({ ...common, trust: { kind: 'ca', file: files.caFile } }, { record });
  await verified.run();
  expect(verified.source?.report).toBeUndefined();
  expect(verified.source?.stats).toMatchObject({ requests: 1, failures: 1, refused: 1 });
  expect([verified.host.problems.counts.denied, api.requests]).toEqual([1, []]);
  const unverified = await opened({ ...common, trust: { kind: 'unverified' } }, { record });
  await unverified.run();
  expect(unverified.source?.report?.at).toBe(answeredAt);
});

test('nobody is asked until the node has told where its kubelet is', async () => {
  const trust = { kind: 'unverified' } as const;
  const { source, run } = await opened({ kind: 'kubelet', periodMs: 60_000, tokenFile: '/nowhere', trust }, { endIn: 4 });
  await run();
  expect(source?.stats).toEqual({ requests: 0, failures: 0, refused: 0, lastAt: undefined });
});

const id = 'a'.repeat(64);
const layer = '68 65 0:40 / / rw - overlay overlay rw,lowerdir=/l,upperdir=/layers/a/fs,workdir=/layers/a/work\n';

/** A static pod, whose kubelet knows it by another UID than the API server, with one process on the host. */
const staticPod: Target = target({ uid: 'mirror', cgroupUid: 'hash' });

test("a walk goes through the layer of each container by its first process, and the logs by the kubelet's UID of the pod", async () => {
  const { host, tree } = await hostOf({
    'sys/fs/cgroup/cgroup.controllers': 'cpu\n',
    'sys/fs/cgroup/cgroup.procs': '1\n',
    [`sys/fs/cgroup${podPath}/${id}/cgroup.procs`]: '42\n',
    'proc/42/stat': `42 (app) S ${Array.from({ length: 18 }, () => '0').join(' ')} 7 0 0\n`,
    'proc/42/cgroup': `0::${podPath}/${id}\n`,
    'proc/42/mountinfo': layer,
    'layers/a/fs/file': 'x'.repeat(5000),
    'var/log/pods/shop_web-0_hash/app/0.log': 'y',
    'var/log/pods/shop_web-0_mirror/app/0.log': 'y'.repeat(100_000),
    'var/lib/kubelet/pods/hash/volumes/kubernetes.io~empty-dir/cache/': '',
  });
  const controller = new AbortController();
  const source = openFileSystems({
    config: await configOf({ kind: 'walk', periodMs: 60_000, hostRoot: tree.path }),
    host,
    cluster: undefined,
    log: recordingLogger([]),
    wall: () => 5000,
    random: () => 0,
    wait: (_, signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true })),
    targets: () => [staticPod],
  });
  const running = source?.run(controller.signal);
  await until('a report', () => source?.report !== undefined);
  controller.abort();
  await running;
  const pod = source?.report?.pods.get('hash');
  expect(Array.from(source?.report?.pods.keys() ?? [])).toEqual(['hash']);
  expect(pod).toMatchObject({
    uid: 'hash',
    containers: [{ name: 'app', rootfs: { at: 5000, inodesUsed: 2 }, logs: { at: 5000, inodesUsed: 2 } }],
    volumes: [{ name: 'cache', usage: { inodesUsed: 1 } }],
  });
  expect(Number(pod?.containers[0]?.logs?.usedBytes)).toBeLessThan(100_000);
});
