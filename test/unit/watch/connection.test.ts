import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { beforeAll, expect, test } from 'vitest';
import { createConnection } from '../../../src/watch/connection.ts';
import type { Answer } from '../../../src/watch/connection.ts';
import type { ClusterAccess, Credentials } from '../../../src/watch/credentials.ts';
import { body, refusal, scriptedApi, silence, watchThatStays } from '../../support/scripted-api.ts';
import type { Step } from '../../support/scripted-api.ts';
import { selfSigned } from '../../support/certificates.ts';
import type { Issued } from '../../support/certificates.ts';
import { openAccess } from './running-watch.ts';

const limits = { answer: 5000, idle: 5000, total: 5000 };
const never = new AbortController().signal;

let first: Issued;
let second: Issued;

beforeAll(async () => {
  [first, second] = await Promise.all([selfSigned('first'), selfSigned('second')]);
});

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

test.each([
  ['no answer for 0.3 s', { ...limits, answer: 300 }, silence()],
  ['silent for 0.3 s', { ...limits, idle: 300 }, watchThatStays('{}\n')],
  ['not over after 0.3 s', { ...limits, total: 300 }, watchThatStays('{}\n')],
])('a request is given up: %s', async (reason, short, step) => {
  await using api = await scriptedApi();
  api.script(step);
  const connection = createConnection(openAccess(api.url), () => {});
  await expect(connection.request('/', short, never, textOf)).rejects.toThrow(reason);
  connection.close();
});

test('a server that takes the connection and never ends the handshake is given up', async () => {
  // What a stopped process does: its kernel still takes connections.
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const taken: Socket[] = [];
  server.on('connection', (socket) => taken.push(socket));
  const connection = createConnection(openAccess(`https://127.0.0.1:${port}`), () => {});
  await expect(connection.request('/', { ...limits, answer: 300 }, never, textOf)).rejects.toThrow('no answer for 0.3 s');
  expect(taken).toHaveLength(1);
  for (const socket of taken) socket.destroy();
  server.close();
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
