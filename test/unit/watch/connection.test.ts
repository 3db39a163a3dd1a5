import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { createConnection } from '../../../src/watch/connection.ts';
import type { Answer } from '../../../src/watch/connection.ts';
import type { ClusterAccess, Credentials } from '../../../src/watch/credentials.ts';
import { body, refusal, scriptedApi, silence, watchThatStays } from '../../support/scripted-api.ts';
import type { Step } from '../../support/scripted-api.ts';
import { selfSigned } from '../../support/certificates.ts';
import type { Issued } from '../../support/certificates.ts';
import { openAccess, eventually } from './running-watch.ts';

const limits = { answer: 12_000, idle: 150_000, total: 630_000 };
const faked: Parameters<typeof vi.useFakeTimers>[0] = { toFake: ['setTimeout', 'clearTimeout'] };
const never = new AbortController().signal;

let first: Issued;
let second: Issued;

beforeAll(async () => {
  [first, second] = await Promise.all([selfSigned('first'), selfSigned('second')]);
});

afterEach(() => {
  vi.useRealTimers();
});

/** The message a promise rejects with. */
function failureOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'no failure',
    (error: unknown) => (error instanceof Error ? error.message : 'no error'),
  );
}

async function textOf({ status, chunks }: Answer): Promise<string> {
  return `${status} ${Buffer.concat(await Array.fromAsync(chunks)).toString()}`;
}

function changingAccess(url: string, current: { credentials: Credentials; refreshed: number }): ClusterAccess {
  return {
    url: new URL(url),
    credentials: async () => current.credentials,
    refresh() {
      current.refreshed += 1;
    },
  };
}

test('requests follow each other on one connection, below the path of the URL', async () => {
  await using api = await scriptedApi();
  api.script(body('one'), body('two'));
  const connection = createConnection(openAccess(`${api.url}/k8s/clusters/c-1/`), () => {});
  expect(await connection.request('/api/v1/pods?x=1', limits, never, textOf)).toBe('200 one');
  expect(await connection.request('/api/v1/pods', limits, never, textOf)).toBe('200 two');
  expect(api.requests).toMatchObject([
    { path: '/k8s/clusters/c-1/api/v1/pods', query: { x: '1' }, connection: 1 },
    { path: '/k8s/clusters/c-1/api/v1/pods', connection: 1 },
  ]);
  connection.close();
});

test('a refused token is read again, and the request made once more', async () => {
  await using api = await scriptedApi();
  const current = { credentials: { headers: { authorization: 'Bearer old' }, tls: {} }, refreshed: 0 };
  api.script(
    (response, request) => {
      current.credentials = { headers: { authorization: 'Bearer new' }, tls: {} };
      return refusal(401, 'Unauthorized')(response, request);
    },
    body('in'),
    refusal(401, 'Unauthorized'),
    refusal(401, 'Unauthorized'),
  );
  const connection = createConnection(changingAccess(api.url, current), () => {});
  expect(await connection.request('/', limits, never, textOf)).toBe('200 in');
  expect(await connection.request('/', limits, never, async ({ status }) => status)).toBe(401);
  expect(api.requests.map(({ authorization }) => authorization)).toEqual([
    'Bearer old',
    'Bearer new',
    'Bearer new',
    'Bearer new',
  ]);
  expect(current.refreshed).toBe(2);
  connection.close();
});

test('the server is checked against the CA, and a new CA is used from the next request on', async () => {
  await using api = await scriptedApi(first);
  const last: Step = (response) => response.setHeader('connection', 'close').end('one');
  api.script(last, body('two'), body('three'));
  const current = { credentials: { headers: {}, tls: { ca: first.cert } }, refreshed: 0 };
  const connection = createConnection(changingAccess(api.url, current), () => {});
  expect(await connection.request('/', limits, never, textOf)).toBe('200 one');

  api.rotate(second);
  await expect(connection.request('/', limits, never, textOf)).rejects.toThrow('self-signed certificate');
  current.credentials = { headers: {}, tls: { ca: first.cert + second.cert } };
  expect(await connection.request('/', limits, never, textOf)).toBe('200 two');
  expect(await connection.request('/', limits, never, textOf)).toBe('200 three');
  expect(api.requests.map(({ connection: used }) => used)).toEqual([1, 2, 2]);
  connection.close();
});

test('a request that gets no answer is given up', async () => {
  await using api = await scriptedApi();
  api.script(silence());
  vi.useFakeTimers(faked);
  const connection = createConnection(openAccess(api.url), () => {});
  const failure = failureOf(connection.request('/', limits, never, textOf));
  await api.request(1);
  vi.advanceTimersByTime(12_000);
  expect(await failure).toBe('no answer for 12 s');
  connection.close();
});

test('a server that takes the connection and never ends the handshake is given up', async () => {
  // What a stopped process does: its kernel still takes connections.
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const taken = Promise.withResolvers<Socket>();
  server.on('connection', taken.resolve);
  vi.useFakeTimers(faked);
  const connection = createConnection(openAccess(`https://127.0.0.1:${port}`), () => {});
  const failure = failureOf(connection.request('/', limits, never, textOf));
  const socket = await taken.promise;
  vi.advanceTimersByTime(12_000);
  expect(await failure).toBe('no answer for 12 s');
  socket.destroy();
  server.close();
});

test('silence is given up at the idle limit, which each piece of the answer starts afresh', async () => {
  await using api = await scriptedApi();
  const responses: ServerResponse[] = [];
  api.script((response, request) => {
    responses.push(response);
    return watchThatStays('one\n')(response, request);
  });
  vi.useFakeTimers(faked);
  const read: string[] = [];
  const connection = createConnection(openAccess(api.url), () => {});
  const reading = connection.request('/', limits, never, async ({ chunks }) => {
    for await (const chunk of chunks) read.push(Buffer.from(chunk).toString());
  });
  const failure = failureOf(reading);
  await eventually(() => read.length === 1);
  vi.advanceTimersByTime(149_000);
  for (const response of responses) response.write('two\n');
  await eventually(() => read.length === 2);
  vi.advanceTimersByTime(149_000);
  for (const response of responses) response.write('three\n');
  await eventually(() => read.length === 3);
  vi.advanceTimersByTime(150_000);
  expect(await failure).toBe('silent for 150 s');
  connection.close();
});

test('an answer that drips on for ever is given up', async () => {
  await using api = await scriptedApi();
  api.script(watchThatStays('one\n'));
  vi.useFakeTimers(faked);
  let heard = 0;
  const connection = createConnection(openAccess(api.url), () => {
    heard += 1;
  });
  const failure = failureOf(connection.request('/', { ...limits, idle: 900_000 }, never, textOf));
  await eventually(() => heard === 2);
  vi.advanceTimersByTime(630_000);
  expect(await failure).toBe('not over after 630 s');
  connection.close();
});

test('an abort ends the request with its reason', async () => {
  await using api = await scriptedApi();
  const controller = new AbortController();
  const connection = createConnection(openAccess(api.url), () => {});
  const answer = connection.request('/', limits, controller.signal, textOf);
  await api.request(1);
  controller.abort(new Error('the agent stops'));
  await expect(answer).rejects.toThrow('the agent stops');
  connection.close();
});
