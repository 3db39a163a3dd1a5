/** InfluxDB as a script; real ones are in test/integration. */
import { expect, test } from 'vitest';
import { influxClock, influxKinds } from '../../../src/check/influx.ts';
import { influxError, reply, reset, startScriptedInflux } from '../../support/scripted-influx.ts';
import type { Reply } from '../../support/scripted-influx.ts';
import { influxTold } from './influx-told.ts';
import type { InfluxAttempt } from './influx-told.ts';
import { createSeen } from './seen.ts';

const seen = createSeen({ ...influxKinds, clockAgrees: influxClock.agrees, clockDiffers: influxClock.differs });
const healthy = reply(200, '{"name":"influxdb","message":"ready for queries and writes","status":"pass","version":"v2.7.12"}');
const agrees = 'clockAgrees: agrees with the clock of this host';

function bucketOf(everySeconds: number): Reply {
  return reply(200, JSON.stringify({ buckets: [{ name: 'k8s', retentionRules: [{ type: 'expire', everySeconds }] }] }));
}

/** What is told after these answers, and what was asked. */
async function after(replies: readonly Reply[], attempt: Partial<InfluxAttempt> = {}) {
  await using influx = await startScriptedInflux(replies);
  const url = influx.url.href.replace(/\/$/, '');
  const findings = await influxTold({ url, token: 'secret-token', ...attempt });
  const told = seen.told(findings).map((line) => line.replaceAll(url, 'URL'));
  return { told, received: influx.received.map(({ method, path, body, headers }) => ({ method, path, body, headers })) };
}

/** What is told of the write that is answered so. */
async function written(answer: Reply, attempt: Partial<InfluxAttempt> = {}): Promise<string | undefined> {
  const { told } = await after([healthy, answer, bucketOf(86_400)], attempt);
  return told[2];
}

test('all well: it writes a comment and looks at the retention, with the token in each', async () => {
  const { told, received } = await after([healthy, reply(204), bucketOf(2_592_000)]);
  expect(told).toEqual([
    'healthy: answers at URL, version v2.7.12',
    agrees,
    'allowed: the token may write to bucket "k8s" of organization "my-org"',
    'kept: 30 d',
  ]);
  expect(received.map(({ method, path, body }) => [method, path, body])).toEqual([
    ['GET', '/health', ''],
    ['POST', '/api/v2/write?org=my-org&bucket=k8s&precision=ns', '# podgauge check\n'],
    ['GET', '/api/v2/buckets?org=my-org&name=k8s', ''],
  ]);
  expect(new Set(received.map(({ headers }) => headers['authorization']))).toEqual(new Set(['Token secret-token']));
});

test('an organization and a bucket by their ids', async () => {
  const ids = { org: '0123456789abcdef', bucket: 'fedcba9876543210' };
  const { received } = await after([healthy, reply(204), bucketOf(86_400)], ids);
  expect(received[2]?.path).toBe('/api/v2/buckets?orgID=0123456789abcdef&id=fedcba9876543210');
});

test('a server that says no point came has let the token write', async () => {
  expect(await written(influxError(400, 'invalid', 'writing requires points'))).toMatch(/^allowed: /);
});

test.each<[string, Reply, string]>([
  ['the token is unknown', influxError(401, 'unauthorized', 'unauthorized access'), 'token: HTTP 401: unauthorized access'],
  [
    'the token may not write, by 401',
    influxError(401, 'unauthorized', 'write:orgs/1/buckets/2 is unauthorized'),
    'denied: HTTP 401: write:orgs/1/buckets/2 is unauthorized',
  ],
  [
    'the token may not write, by 403',
    influxError(403, 'forbidden', 'insufficient permissions for write'),
    'denied: HTTP 403: insufficient permissions for write',
  ],
  [
    'no such organization',
    influxError(404, 'not found', 'organization name "my-org" not found'),
    'org: HTTP 404: organization name "my-org" not found',
  ],
  ['no such bucket', influxError(404, 'not found', 'bucket "k8s" not found'), 'bucket: HTTP 404: bucket "k8s" not found'],
  ['no such database', reply(404, '{"error":"database not found: \\"k8s\\""}'), 'bucket: HTTP 404: database not found: "k8s"'],
  ['a proxy', reply(502, '<html>\n bad  gateway'), 'failed: HTTP 502: <html> bad gateway'],
  ['the token is sent back', reply(500, 'what is secret-token?'), 'failed: HTTP 500: what is [token]?'],
  ['the connection breaks', reset, 'failed: read ECONNRESET'],
])('a write where %s', async (_case, answer, expected) => {
  expect(await written(answer)).toBe(expected);
});

test('without a token it says so', async () => {
  await using influx = await startScriptedInflux([healthy, influxError(401, 'unauthorized', 'unauthorized access')]);
  const findings = await influxTold({ url: influx.url.href.replace(/\/$/, '') });
  expect(seen.told(findings)[2]).toBe('token: HTTP 401: unauthorized access; none is configured');
});

test.each<[string, Reply, string]>([
  ['for ever', bucketOf(0), 'forever: infinite'],
  ['an hour', bucketOf(3600), 'short: 1.0 h'],
  ['a day', bucketOf(86_400), 'kept: 1 d'],
  ['not to be seen', reply(200, '{"buckets":[]}'), 'unseen: not shown to this token'],
  ['refused', influxError(404, 'not found', 'bucket "k8s" not found'), 'unseen: not shown to this token'],
])('a retention %s', async (_case, buckets, expected) => {
  const { told } = await after([healthy, reply(204), buckets]);
  expect(told[3]).toBe(expected);
});

test('it is sick by its own word, or is of another kind', async () => {
  const sick = await after([reply(503, '{"status":"fail","message":"boltdb is closed"}'), reply(204), bucketOf(86_400)]);
  expect(sick.told[0]).toBe('sick: answers at URL: boltdb is closed');
  const pinged = await after([reply(404), reply(204, '', { 'x-influxdb-version': '1.8.10' }), reply(204), reply(404)]);
  expect(pinged.told[0]).toBe('healthy: answers at URL, version 1.8.10');
  const other = await after([reply(200, '<html>'), reply(200, '<html>'), reply(404, '<html>')]);
  expect(other.told).toEqual(['other: answers at URL with HTTP 200', agrees, 'failed: HTTP 404: <html>']);
});

test('https:// where http:// was asked for', async () => {
  const { told, received } = await after([reply(400, 'Client sent an HTTP request to an HTTPS server.\n')]);
  expect(told).toEqual(['https: URL']);
  expect(received).toHaveLength(1);
});

test('a clock that is an hour off', async () => {
  const began = performance.now();
  const { told } = await after([healthy, reply(204), bucketOf(86_400)], { wall: () => Date.now() - 3_600_000 });
  const spent = Math.ceil((performance.now() - began) / 1000);
  const [, seconds] = /^clockDiffers: this host is (\d+) s behind$/.exec(told[1] ?? '') ?? [];
  expect(Number(seconds)).toBeGreaterThanOrEqual(3598 - spent);
  expect(Number(seconds)).toBeLessThanOrEqual(3600);
});

test('each kind was seen', () => {
  expect(seen.unseen()).toEqual([]);
});
