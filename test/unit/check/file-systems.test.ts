import { beforeAll, expect, test } from 'vitest';
import { checkFileSystems, fileSystemKinds } from '../../../src/check/file-systems.ts';
import type { FileSystems } from '../../../src/config/config.ts';
import type { NodeRecord } from '../../../src/model.ts';
import { createProblems } from '../../../src/problems.ts';
import { freePort } from '../../servers/service.ts';
import { selfSigned } from '../../support/certificates.ts';
import type { Issued } from '../../support/certificates.ts';
import { hostTree } from '../../support/host-tree.ts';
import { body, scriptedApi } from '../../support/scripted-api.ts';
import type { Step } from '../../support/scripted-api.ts';
import { account, refusedText } from '../file-systems/running-kubelet.ts';
import type { Account } from '../file-systems/running-kubelet.ts';
import { summaryText } from '../file-systems/summary-text.ts';
import { recordingLogger } from '../watch/running-watch.ts';
import { createSeen } from './seen.ts';

const seen = createSeen(fileSystemKinds);
let issued: Issued;
let other: Issued;

beforeAll(async () => {
  [issued, other] = await Promise.all([selfSigned('kubelet'), selfSigned('other')]);
});

async function told(
  fileSystems: FileSystems | undefined,
  nodeRecord?: NodeRecord,
  procRoot = '/proc',
): Promise<string | undefined> {
  const log = recordingLogger([]);
  const finding = await checkFileSystems(
    {
      fileSystems,
      nodeRecord,
      procRoot,
      node: 'node-1',
      timeout: 20_000,
      now: () => 0,
      wall: Date.now,
      random: () => 0.5,
      wait: () => Promise.reject(new Error('Nobody waits')),
      log,
      problems: createProblems(log),
    },
    new AbortController().signal,
  );
  return seen.told([finding])[0];
}

function nodeAt(port: number, internalIps: readonly string[] = ['127.0.0.1']): NodeRecord {
  return { capacity: {}, allocatable: {}, internalIps, externalIps: [], kubeletPort: port, unschedulable: false };
}

const kubelet = ({ tokenFile, caFile }: Account, verify = true): FileSystems => ({
  kind: 'kubelet',
  periodMs: 60_000,
  tokenFile,
  trust: verify ? { kind: 'ca', file: caFile } : { kind: 'unverified' },
});

interface Answered {
  readonly line: string | undefined;
  readonly origin: string;
  readonly authorization: string | undefined;
}

/** What is told of a kubelet that answers so. */
async function answered(step: Step, { ca = issued.cert, verify = true } = {}): Promise<Answered> {
  await using api = await scriptedApi(issued);
  await using files = await account(ca);
  api.script(step, step);
  const line = await told(kubelet(files, verify), nodeAt(Number(new URL(api.url).port)));
  return { line, origin: api.url, authorization: api.requests[0]?.authorization };
}

test('none: the fields are absent, and the remedy says how to have them', async () => {
  expect(await told(undefined)).toBe('none: not collected');
  expect(fileSystemKinds.none.remedy).toMatch(/kubelet \(needs the right "get" on "nodes\/stats"\)/);
});

test('the kubelet gives its statistics, verified and not', async () => {
  const good = await answered(body(summaryText));
  expect(good.line).toMatch(/^answers: gives its statistics at 127\.0\.0\.1:\d+, its certificate verified by .*ca\.crt$/);
  expect(good.authorization).toBe('Bearer one');
  const insecure = await answered(body(summaryText), { ca: other.cert, verify: false });
  expect(insecure.line).toMatch(/^unverified: gives its statistics at 127\.0\.0\.1:\d+, its certificate not verified$/);
});

test('the kubelet refuses, for want of a right and of a token it knows', async () => {
  const denied = await answered(refusedText(403, 'Forbidden (user=x, verb=get, resource=nodes, subresource(s)=[stats])'));
  expect(denied.line).toBe(`refused: Kubelet at ${denied.origin} refuses its statistics (HTTP 403)`);
  const unknown = await answered(refusedText(401, 'Unauthorized'));
  expect(unknown.line).toBe(`refused: Kubelet at ${unknown.origin} does not accept the token (HTTP 401)`);
});

test('its certificate is not trusted', async () => {
  const { line, origin, authorization } = await answered(body(summaryText), { ca: other.cert });
  expect(line).toBe(`distrusted: Certificate of the kubelet at ${origin} is not trusted (self-signed certificate)`);
  expect(authorization).toBeUndefined();
});

test('it answers nonsense, fails, or is not there', async () => {
  expect((await answered(body('<html>'))).line).toMatch(/^strange: /);
  expect((await answered(refusedText(500, 'no'))).line).toMatch(/^down: Kubelet at .*: HTTP 500$/);
  await using files = await account(issued.cert);
  expect(await told(kubelet(files), nodeAt(await freePort()))).toMatch(/^down: .*ECONNREFUSED/);
});

test('its address is not known', async () => {
  await using files = await account(issued.cert);
  expect(await told(kubelet(files))).toBe('nowhere: its address is not known');
  expect(await told(kubelet(files), nodeAt(10_250, []))).toBe('nowhere: its address is not known');
});

test('a walk, with the capability and without, and without the root of the host', async () => {
  const walk = (hostRoot: string): FileSystems => ({ kind: 'walk', periodMs: 60_000, hostRoot });
  await using host = await hostTree({ 'proc/self/status': 'CapPrm:\t0\nCapEff:\t0000000000000004\n', 'host/var/': '' });
  const root = `${host.path}/host`;
  expect(await told(walk(root), undefined, host.procRoot)).toBe(`walk: walked below ${root}`);
  expect(await told(walk(`${root}/no`), undefined, host.procRoot)).toBe(`walkDenied: ${root}/no cannot be read: ENOENT`);
  await host.add({ 'proc/self/status': 'CapEff:\t0000000000000000\n' });
  expect(await told(walk(root), undefined, host.procRoot)).toBe('walkDenied: this process has no CAP_DAC_READ_SEARCH');
});

test('each kind was seen', () => {
  expect(seen.unseen()).toEqual([]);
});
