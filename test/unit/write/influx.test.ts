import { once } from 'node:events';
import { createServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, expect, test, vi } from 'vitest';
import { createInfluxTarget } from '../../../src/write/influx.ts';
import type { InfluxOptions } from '../../../src/write/influx.ts';
import type { Target } from '../../../src/write/target.ts';
import { influxError, reply, reset, silence, startScriptedInflux } from '../../support/scripted-influx.ts';

const lines = 'podgauge,cluster=default,node=worker-1 pods=1i 1700000000123000000\n';
const body = gzipSync(lines);
const never = new AbortController().signal;
const taken = { kind: 'taken', rejected: 0, done: true };
const secret = 's3cr3t-t0ken==';

afterEach(() => {
  vi.useRealTimers();
});

function targetOf(url: URL, options: Partial<InfluxOptions> = {}): Target {
  return createInfluxTarget({
    url,
    org: 'my org',
    bucket: 'k8s&raw',
    token: async () => secret,
    env: {},
    wall: () => Date.parse('2026-01-01T00:00:00Z'),
    ...options,
  });
}

test('posts gzip with the token, the names and the precision, over one connection', async () => {
  await using influx = await startScriptedInflux();
  const target = targetOf(influx.url);
  expect(await target.send(body, 1, never)).toEqual(taken);
  expect(await target.send(body, 1, never)).toEqual(taken);
  expect(influx.received).toMatchObject([
    {
      method: 'POST',
      path: '/api/v2/write?org=my+org&bucket=k8s%26raw&precision=ns',
      headers: {
        authorization: `Token ${secret}`,
        'content-encoding': 'gzip',
        'content-type': 'text/plain; charset=utf-8',
        'content-length': String(body.length),
        'user-agent': 'podgauge',
      },
      body: lines,
      connection: 1,
    },
    { body: lines, connection: 1 },
  ]);
});

test('keeps the path that the server is served under, and sends no token when there is none', async () => {
  await using influx = await startScriptedInflux();
  await targetOf(new URL('/db/influx/', influx.url), { token: async () => undefined }).send(body, 1, never);
  expect(influx.received[0]?.path).toMatch(/^\/db\/influx\/api\/v2\/write\?/);
  expect(influx.received[0]?.headers.authorization).toBeUndefined();
});

test.each([
  ['taken', 204, undefined, taken],
  ['partly taken', 422, 'dropped=2', { ...taken, rejected: 2, reason: 'HTTP 422: dropped=2' }],
  ['bisected', 400, 'unable to parse', { kind: 'bisect', reason: 'HTTP 400: unable to parse' }],
  ['split', 413, 'too large', { kind: 'split', reason: 'HTTP 413: too large' }],
  ['kept', 404, 'bucket not found', { kind: 'wait', reason: 'HTTP 404: bucket not found', suspect: false }],
  ['kept but suspect', 500, 'oh', { kind: 'wait', reason: 'HTTP 500: oh', suspect: true }],
])('a batch is %s on %d', async (_what, status, message, outcome) => {
  await using influx = await startScriptedInflux([
    message === undefined ? reply(status) : influxError(status, 'code', message),
  ]);
  expect(await targetOf(influx.url).send(body, 5, never)).toEqual(outcome);
});

test('reads Retry-After in seconds and as a date', async () => {
  await using influx = await startScriptedInflux([
    influxError(429, 'too many requests', 'slow down', { 'Retry-After': '30' }),
    influxError(503, 'unavailable', 'busy', {
      'Retry-After': 'Thu, 01 Jan 2026 00:02:00 GMT',
      Date: 'Thu, 01 Jan 2026 00:01:00 GMT',
    }),
  ]);
  const target = targetOf(influx.url);
  expect(await target.send(body, 1, never)).toMatchObject({ kind: 'wait', retryAfterMs: 30_000 });
  expect(await target.send(body, 1, never)).toMatchObject({ kind: 'wait', retryAfterMs: 60_000 });
});

test('does not follow a redirect with the token', async () => {
  await using elsewhere = await startScriptedInflux();
  await using influx = await startScriptedInflux([reply(307, '', { Location: elsewhere.url.href })]);
  const outcome = await targetOf(influx.url).send(body, 1, never);
  expect(outcome).toMatchObject({ kind: 'wait', suspect: false });
  expect(elsewhere.received).toEqual([]);
});

test('a server that never answers costs its deadline, and the connection is closed', async () => {
  await using influx = await startScriptedInflux([silence]);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const target = targetOf(influx.url);
  const outcome = target.send(body, 1, never);
  await influx.arrived(1);
  vi.advanceTimersByTime(30_000);
  expect(await outcome).toEqual({ kind: 'wait', reason: 'no answer within 30000 ms' });
  await influx.closed();
  expect(await target.send(body, 1, never)).toEqual(taken);
  expect(influx.received.map(({ connection }) => connection)).toEqual([1, 2]);
});

test('an answer that drips for ever ends at the same deadline', async () => {
  await using influx = await startScriptedInflux([
    (response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write('x'), 5);
      response.on('close', () => clearInterval(drip));
    },
  ]);
  const target = targetOf(influx.url, { timeoutMs: 60 });
  expect(await target.send(body, 1, never)).toEqual({ kind: 'wait', reason: 'no answer within 60 ms' });
  await influx.closed();
});

test('a server that accepts connections and is silent from the first byte ends at the deadline', async () => {
  const mute = createServer((socket) => socket.pause());
  await once(mute.listen(0, '127.0.0.1'), 'listening');
  const address = mute.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const target = targetOf(new URL(`https://127.0.0.1:${port}`), { timeoutMs: 50 });
  expect(await target.send(body, 1, never)).toEqual({ kind: 'wait', reason: 'no answer within 50 ms' });
  mute.close();
});

test('an abort ends the request and its connection', async () => {
  await using influx = await startScriptedInflux([silence]);
  const stop = new AbortController();
  const outcome = targetOf(influx.url).send(body, 1, stop.signal);
  await influx.arrived(1);
  stop.abort();
  expect(await outcome).toEqual({ kind: 'wait', reason: 'aborted' });
  await influx.closed();
});

test('nothing is sent under a signal that aborted before', async () => {
  await using influx = await startScriptedInflux();
  expect(await targetOf(influx.url).send(body, 1, AbortSignal.abort())).toEqual({ kind: 'wait', reason: 'aborted' });
  expect(influx.received).toEqual([]);
});

test('a connection that is reset on its first request is a failure', async () => {
  await using influx = await startScriptedInflux([reset]);
  expect(await targetOf(influx.url).send(body, 1, never)).toMatchObject({ kind: 'wait', reason: 'read ECONNRESET' });
  expect(influx.received).toHaveLength(1);
});

test('a kept connection that the server has given up is replaced at once, but only once', async () => {
  await using influx = await startScriptedInflux([reply(204), reset, reply(204), reset, reset]);
  const target = targetOf(influx.url);
  expect(await target.send(body, 1, never)).toEqual(taken);
  expect(await target.send(body, 1, never)).toEqual(taken);
  expect(influx.received.map(({ connection }) => connection)).toEqual([1, 1, 2]);
  expect(await target.send(body, 1, never)).toMatchObject({ kind: 'wait' });
  expect(influx.received.map(({ connection }) => connection)).toEqual([1, 1, 2, 2, 3]);
});

test('nobody listening is a failure with its reason', async () => {
  const influx = await startScriptedInflux();
  await influx[Symbol.asyncDispose]();
  expect(await targetOf(influx.url).send(body, 1, never)).toMatchObject({
    kind: 'wait',
    reason: `connect ECONNREFUSED ${influx.url.host}`,
  });
});

test.each([
  ['no body where one was promised', reply(500, '', { 'Content-Length': '100' })],
  [
    'a body cut short',
    (response: Parameters<typeof reset>[0]) => {
      response.writeHead(500, { 'Content-Length': '1000' }).write('{"code":"int');
      setImmediate(() => response.socket?.destroy());
    },
  ],
  ['a protocol nobody asked for', reply(101, '', { Connection: 'Upgrade', Upgrade: 'websocket' })],
])('%s keeps the batch', async (_what, answer) => {
  await using influx = await startScriptedInflux([answer]);
  expect(await targetOf(influx.url, { timeoutMs: 500 }).send(body, 1, never)).toMatchObject({ kind: 'wait' });
});

test('an endless error body is read to 64 KiB and no further', async () => {
  let written = 0;
  await using influx = await startScriptedInflux([
    (response) => {
      const chunk = Buffer.alloc(16 * 1024, 'x');
      const more = (): void => {
        written += chunk.length;
        if (!response.destroyed) response.write(chunk, more);
      };
      response.writeHead(503);
      more();
    },
  ]);
  const outcome = await targetOf(influx.url).send(body, 1, never);
  expect(outcome).toEqual({ kind: 'wait', reason: `HTTP 503: ${'x'.repeat(200)}`, suspect: false });
  await influx.closed();
  expect(written).toBeLessThan(100 * 1024 * 1024);
});

test('asks for a fresh token after 401 and 403, and only then', async () => {
  await using influx = await startScriptedInflux([
    influxError(401, 'unauthorized', 'unauthorized access'),
    influxError(403, 'forbidden', 'insufficient permissions'),
    influxError(503, 'unavailable', 'busy'),
  ]);
  const asked: boolean[] = [];
  const target = targetOf(influx.url, {
    token: async (fresh) => {
      asked.push(fresh);
      return `token-${asked.length}`;
    },
  });
  for (let i = 0; i < 5; i += 1) await target.send(body, 1, never);
  expect(asked).toEqual([false, true, true, false, false]);
  expect(influx.received.map(({ headers }) => headers.authorization)).toEqual([1, 2, 3, 4, 5].map((n) => `Token token-${n}`));
});

test('a token that cannot be had keeps the batch', async () => {
  await using influx = await startScriptedInflux();
  const token = async (): Promise<string> => {
    throw new Error("ENOENT: no such file or directory, stat '/run/token'");
  };
  expect(await targetOf(influx.url, { token }).send(body, 1, never)).toEqual({
    kind: 'wait',
    reason: "ENOENT: no such file or directory, stat '/run/token'",
  });
  expect(influx.received).toEqual([]);
});

test.each([
  ['an answer that quotes it', secret, (token: string) => influxError(400, 'invalid', `bad header Token ${token}`)],
  ['a page that quotes it', secret, (token: string) => reply(502, `<pre>Authorization: Token ${token}</pre>`)],
  ['a redirect that carries it', secret, (token: string) => reply(302, '', { Location: `https://x/?t=${token}` })],
  ['characters that no header takes', 'line\nbreak', () => reply(204)],
])('the token is in no reason: %s', async (_what, token, answer) => {
  await using influx = await startScriptedInflux([answer(token)]);
  const outcome = await targetOf(influx.url, { token: async () => token }).send(body, 1, never);
  expect(outcome.kind).not.toBe('taken');
  expect(JSON.stringify(outcome)).not.toContain(JSON.stringify(token).slice(1, -1));
});
