/**
 * `podgauge check` as a user runs it, against a real API server and a real InfluxDB 2: all well is 0, and each right that is taken away
 * is a line and 1. What only broken servers say is in test/unit/check.
 */
import { once } from 'node:events';
import { chmod, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApiServer } from '../servers/api-server.ts';
import type { ApiServer } from '../servers/api-server.ts';
import { startInfluxDb } from '../servers/influxdb.ts';
import type { InfluxDbServer } from '../servers/influxdb.ts';
import { createAccount } from '../support/account.ts';
import type { Rule } from '../support/account.ts';
import { startAgent } from '../support/agent-process.ts';
import { runBoundPods } from '../support/bound-pods.ts';
import { cgroupHost } from '../support/cgroup-host.ts';
import { bucketOf, createInfluxToken, influxRequest } from '../support/influx-admin.ts';
import { inTime } from '../support/late-answers.ts';
import { writeAccount } from '../support/real-watch.ts';
import { until } from '../support/until.ts';

const node = 'node-of-the-check';
const pods = (...verbs: string[]): Rule => ({ apiGroups: [''], resources: ['pods'], verbs });
const nodes: Rule = { apiGroups: [''], resources: ['nodes'], verbs: ['get'] };
const parts = new AsyncDisposableStack();
let server: ApiServer;
let influx: InfluxDbServer;
/** Tokens of InfluxDB: one that may write to the bucket and no more, and one that may read it and no more. */
let writer: string;
let reader: string;
let accounts = 0;

beforeAll(async () => {
  server = parts.use(await startApiServer());
  influx = parts.use(await startInfluxDb());
  await server.api.createNode(node);
  const host = parts.use(cgroupHost({ prefix: 'podgauge-check' }));
  const command = ['/bin/sleep', '3600'];
  await runBoundPods(server.api, host, [
    { name: 'a', node, containers: [{ name: 'main', command }] },
    { name: 'b', node, containers: [{ name: 'main', command }] },
  ]);
  await server.api.createPod({ name: 'elsewhere', node: 'another-node', containers: [{ name: 'main' }] });
  ({ token: writer } = await createInfluxToken(influx, 'write'));
  ({ token: reader } = await createInfluxToken(influx, 'read'));
  const retentionRules = [{ type: 'expire', everySeconds: 2_592_000 }];
  await influxRequest(influx, 'PATCH', `/api/v2/buckets/${(await bucketOf(influx)).id}`, { retentionRules });
}, 1_800_000);

afterAll(() => parts.disposeAsync());

interface Checked {
  readonly code: number | null;
  readonly lines: readonly string[];
  /** Lines that begin with FAIL. */
  readonly failures: readonly string[];
}

interface CheckOptions {
  readonly rules?: readonly Rule[];
  readonly token?: string;
  readonly org?: string;
  readonly bucket?: string;
  readonly nodeName?: string;
  readonly under?: readonly string[];
}

async function checked(options: CheckOptions = {}): Promise<Checked> {
  const {
    rules = [pods('list', 'watch'), nodes],
    org = influx.org,
    bucket = influx.bucket,
    nodeName = node,
    under = [],
  } = options;
  accounts += 1;
  const own = await createAccount(server.api, `check-${accounts}`, rules);
  const account = await writeAccount(server, Number(new URL(server.url).port), own);
  try {
    await chmod(account.folder, 0o755);
    const secret = join(account.folder, 'influx-token');
    await writeFile(secret, options.token ?? writer);
    const args = [
      ...['check', '--node-name', nodeName, '--service-account-dir', account.folder, '--influx-url', influx.url],
      ...['--influx-org', org, '--influx-bucket', bucket, '--influx-token-file', secret],
    ];
    let code: number | null = null;
    const text = await inTime(async () => {
      await using agent = await startAgent({ args, env: account.env, under });
      code = await agent.ended();
      expect(agent.log).toEqual([]);
      return agent.output.join('\n');
    });
    const lines = text.split('\n');
    return { code, lines, failures: lines.filter((line) => line.startsWith('FAIL')) };
  } finally {
    await rm(account.folder, { recursive: true });
  }
}

const pointsWritten = async () => (await influx.query(`from(bucket: "${influx.bucket}") |> range(start: 0)`)).length;

test('all well, without root and with a token that may only write: 0, and nothing is left in the bucket', async () => {
  const nobody = ['setpriv', '--reuid', '19610', '--regid', '19610', '--clear-groups'];
  const { code, lines, failures } = await checked({ under: nobody });
  expect(failures).toEqual([]);
  const line = (what: string) => lines.find((each) => each.slice(6).startsWith(`${what}:`));
  expect(line('API server')).toMatch(/^ok .*certificate verified, the credentials taken$/);
  expect(line('list pods')).toMatch(/^ok .* 2 on node node-of-the-check$/);
  expect(line('field selector')).toMatch(/^ok .* all 2 listed pods are of this node$/);
  expect(line('watch pods')).toMatch(/^ok /);
  expect(line('get node')).toMatch(/^ok /);
  expect(line('pods found')).toMatch(/^ok .* 2 of 2 that run by the API server, of \d+ in the cgroups$/);
  expect(line('processes')).toMatch(/^ok /);
  expect(line('pod networks')).toMatch(/^ok .* of 2 pods were read$/);
  // Other tests on this machine may have pods of their own, named in the other way.
  expect(line('cgroup driver')).toMatch(/ cgroupfs/);
  expect(line('cgroup files')).toMatch(/^ok /);
  expect(line('InfluxDB')).toMatch(/^ok .* version \S+$/);
  expect(line('InfluxDB write')).toMatch(/^ok /);
  expect(line('retention')).toMatch(/^ok .* not shown to this token$/);
  expect(line('API clock')).toMatch(/^ok /);
  expect(line('InfluxDB clock')).toMatch(/^ok /);
  expect(code).toBe(0);
  expect(await pointsWritten()).toBe(0);
});

test('a token that may read the bucket, too, is shown its retention; one kept for ever is a warning', async () => {
  expect((await checked({ token: influx.token })).lines).toContain('ok    retention:      30 d');
  await influxRequest(influx, 'POST', '/api/v2/buckets', { orgID: (await bucketOf(influx)).orgID, name: 'endless' });
  const { code, lines } = await checked({ token: influx.token, bucket: 'endless' });
  expect(lines.find((line) => line.includes('retention:'))).toMatch(/^warn {2}retention: {6}infinite; set one/);
  expect(code).toBe(0);
});

describe('each right that is taken away', () => {
  test.each<[string, readonly Rule[], RegExp]>([
    ['list pods', [pods('watch'), nodes], /^FAIL {2}list pods: .*cannot list resource "pods".*verbs: \["list", "watch"\]/],
    ['watch pods', [pods('list'), nodes], /^FAIL {2}watch pods: .*cannot watch resource "pods".*verbs: \["list", "watch"\]/],
    ['get node', [pods('list', 'watch')], /^FAIL {2}get node: .*cannot get resource "nodes".*verbs: \["get"\]/],
  ])('%s', async (_right, rules, expected) => {
    const { code, failures } = await checked({ rules });
    expect(failures).toEqual([expect.stringMatching(expected)]);
    expect(code).toBe(1);
  });

  test.each<[string, () => CheckOptions, RegExp]>([
    [
      'a token that may only read',
      () => ({ token: reader }),
      /^FAIL {2}InfluxDB write: HTTP 403: .*influx auth create --write-bucket/,
    ],
    [
      'a token that nobody knows',
      () => ({ token: 'nonsense' }),
      /^FAIL {2}InfluxDB write: HTTP 401: .*set --influx-token-file/,
    ],
    [
      'another bucket',
      () => ({ bucket: 'elsewhere' }),
      /^FAIL {2}InfluxDB write: HTTP 404: bucket "elsewhere" not found; set --influx-bucket/,
    ],
    [
      'another organization',
      () => ({ org: 'nobody' }),
      /^FAIL {2}InfluxDB write: HTTP 404: organization .*"nobody".* not found; set --influx-org/,
    ],
    [
      'another node',
      () => ({ nodeName: 'no-such-node' }),
      /^FAIL {2}get node: .*nodes "no-such-node" not found; set --node-name/,
    ],
  ])('%s', async (_case, options, expected) => {
    const { code, failures } = await checked(options());
    expect(failures).toEqual([expect.stringMatching(expected)]);
    expect(code).toBe(1);
  });
});

test('SIGTERM ends it while a server says nothing', async () => {
  let accepted = 0;
  await using silent = createServer((socket) => {
    accepted += 1;
    socket.resume();
  }).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const address = silent.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port');
  const account = await writeAccount(server, address.port, 'nobody-asks');
  try {
    await using agent = await startAgent({
      args: ['check', '--node-name', node, '--service-account-dir', account.folder],
      env: account.env,
    });
    await until('it to wait for the API server', async () => accepted > 0);
    expect(await agent.stop()).toBe(1);
    expect(agent.output.at(-1)).toBe('FAIL  check:          stopped before all was looked at');
  } finally {
    await rm(account.folder, { recursive: true });
  }
});

test('a configuration that is wrong is 2, with one line on stderr', async () => {
  await using agent = await startAgent({ args: ['check', '--influx-url', influx.url] });
  expect(await agent.ended()).toBe(2);
  expect(agent.output).toEqual([]);
  expect(agent.log.map(({ msg }) => msg)).toEqual([
    expect.stringMatching(/^podgauge: Output influxdb needs more: set --influx-org/),
  ]);
});
