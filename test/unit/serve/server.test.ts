/** Clients without manners: none gets more than an answer, and none keeps a probe from its own. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { startServer } from '../../../src/serve/server.ts';
import type { Question, Server } from '../../../src/serve/server.ts';
import { dial, exchange } from '../../support/raw-http.ts';

const local = { host: '127.0.0.1', port: 0 };

interface Running extends AsyncDisposable {
  readonly server: Server;
  readonly port: number;
  readonly asked: readonly Question[];
  readonly faults: readonly unknown[];
}

async function start(): Promise<Running> {
  const asked: Question[] = [];
  const faults: unknown[] = [];
  const server = await startServer({
    address: local,
    answer(question) {
      asked.push(question);
      if (question.path === '/broken') throw new Error('broken');
      return { status: 200, type: 'text/plain', body: 'well\n' };
    },
    fault: (error) => void faults.push(error),
  });
  return { server, port: server.address.port, asked, faults, [Symbol.asyncDispose]: server.close };
}

const statusOf = (answer: string): string => /^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? answer;
const request = (line: string, ...headers: readonly string[]): string => [line, ...headers, '', ''].join('\r\n');
const probe = request('GET /healthz HTTP/1.1', 'Host: a');

async function isWell(port: number): Promise<boolean> {
  const answer = await exchange(port, probe);
  return statusOf(answer) === '200' && answer.endsWith('\r\n\r\nwell\n');
}

test('an answer is whole, typed, not to be kept, and the last of its connection', async () => {
  await using running = await start();
  const answer = await exchange(running.port, request('GET /healthz?verbose HTTP/1.1', 'Host: a', 'Accept: text/plain'));
  expect(running.asked).toEqual([{ path: '/healthz', accept: 'text/plain' }]);
  expect(answer.split('\r\n').filter((line) => !line.startsWith('Date:'))).toEqual([
    'HTTP/1.1 200 OK',
    'Content-Type: text/plain',
    'Content-Length: 5',
    'Cache-Control: no-store',
    'X-Content-Type-Options: nosniff',
    'Connection: close',
    '',
    'well\n',
  ]);
});

test('HEAD gets the head of what GET gets', async () => {
  await using running = await start();
  const answer = await exchange(running.port, request('HEAD /healthz HTTP/1.1', 'Host: a'));
  expect(answer).toContain('Content-Length: 5\r\n');
  expect(answer.endsWith('\r\n\r\n')).toBe(true);
});

test('what fails within is one fault and a 500 that says nothing of it', async () => {
  await using running = await start();
  const answer = await exchange(running.port, request('GET /broken HTTP/1.1', 'Host: a'));
  expect([statusOf(answer), answer.endsWith('\r\n\r\ninternal error\n')]).toEqual(['500', true]);
  expect(running.faults).toEqual([new Error('broken')]);
  expect(await isWell(running.port)).toBe(true);
});

describe('a request that is refused', () => {
  test.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND'])('%s', async (method) => {
    await using running = await start();
    const answer = await exchange(running.port, request(`${method} /healthz HTTP/1.1`, 'Host: a'));
    expect([statusOf(answer), answer.includes('\r\nAllow: GET, HEAD\r\n')]).toEqual(['405', true]);
    expect(running.asked).toEqual([]);
  });

  test.each([
    ['a method that is none', request('GETT /healthz HTTP/1.1', 'Host: a'), '400'],
    ['no HTTP at all', '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\r\n\r\n', '400'],
    ['no Host', request('GET /healthz HTTP/1.1'), '400'],
    ['a head that is too long', request('GET /healthz HTTP/1.1', 'Host: a', `X: ${'x'.repeat(10_000)}`), '431'],
    ['a path that is too long', request(`GET /${'x'.repeat(10_000)} HTTP/1.1`, 'Host: a'), '431'],
    ['two lengths', request('GET /healthz HTTP/1.1', 'Host: a', 'Content-Length: 1', 'Content-Length: 2'), '400'],
    ['a length and chunks', request('GET /a HTTP/1.1', 'Host: a', 'Content-Length: 1', 'Transfer-Encoding: chunked'), '400'],
    ['a tunnel', request('CONNECT a:1 HTTP/1.1', 'Host: a'), ''],
  ])('%s', async (_, text, status) => {
    await using running = await start();
    expect(statusOf(await exchange(running.port, text))).toBe(status);
    expect(running.asked).toEqual([]);
    expect(await isWell(running.port)).toBe(true);
  });
});

test.each([
  ['of another', 'evil.example'],
  ['of metadata', '169.254.169.254'],
  ['that is nonsense', "'; drop table %00"],
  ['that is long', 'a'.repeat(5000)],
])('a Host %s changes nothing and comes back nowhere', async (_, host) => {
  await using running = await start();
  const answer = await exchange(running.port, request('GET /healthz HTTP/1.1', `Host: ${host}`));
  expect([statusOf(answer), answer.includes(host)]).toEqual(['200', false]);
});

test('a body is not waited for, nor asked for', async () => {
  await using running = await start();
  const length = 'Content-Length: 1000000000';
  expect(statusOf(await exchange(running.port, request('GET /healthz HTTP/1.1', 'Host: a', length)))).toBe('200');
  expect(statusOf(await exchange(running.port, request('POST /healthz HTTP/1.1', 'Host: a', length)))).toBe('405');
  const polite = request('POST /healthz HTTP/1.1', 'Host: a', length, 'Expect: 100-continue');
  expect(statusOf(await exchange(running.port, polite))).toBe('405');
});

test('of a thousand requests on one connection the first is answered', async () => {
  await using running = await start();
  await exchange(running.port, probe.repeat(1000));
  expect(running.asked).toHaveLength(1);
});

test('who says nothing, too little or too slowly is let go, and who asks meanwhile is answered', async () => {
  await using running = await start();
  // None of them ends its head, nor says what would be refused.
  const begun = ['', 'G', 'GET /healthz', 'GET /healthz HTTP/1.1\r\nHost: a\r\nX: '];
  const slow = await Promise.all(begun.map(() => dial(running.port)));
  for (const [i, socket] of slow.entries()) socket.write(begun[i] ?? '');
  const drip = setInterval(() => {
    for (const socket of slow.slice(2)) if (!socket.destroyed) socket.write('x');
  }, 100);
  const closed = Promise.all(slow.map((socket) => new Promise((resolve) => socket.resume().on('close', resolve))));
  expect(await isWell(running.port)).toBe(true);
  await closed;
  clearInterval(drip);
  expect(running.asked).toHaveLength(1);
});

test(
  'of a thousand connections that say nothing 256 stay, and one that asks is answered at any time',
  { timeout: 60_000 },
  async () => {
    await using running = await start();
    const crowd: Socket[] = [];
    const staying = (): number => crowd.filter(({ destroyed }) => !destroyed).length;
    let most = 0;
    // Fewer at a time than the kernel lets wait: it drops what is beyond without telling a client that is silent.
    for (let group = 0; group < 20; group += 1) {
      crowd.push(...(await Promise.all(Array.from({ length: 50 }, () => dial(running.port)))));
      for (const socket of crowd.slice(-50)) socket.resume();
      expect(await isWell(running.port)).toBe(true);
      most = Math.max(most, staying());
    }
    // A client may learn of its end a moment later than the server decided it.
    expect(most).toBeLessThanOrEqual(256 + 50);
    for (const socket of crowd) socket.destroy();
  },
);

test('it closes at once, whoever is connected', async () => {
  const running = await start();
  const silent = await dial(running.port);
  const gone = once(silent.resume(), 'close');
  await running.server.close();
  await gone;
  const late = await dial(running.port);
  expect(late.destroyed).toBe(true);
});

test('an address that is taken is an error', async () => {
  const other = createServer().listen(local);
  await once(other, 'listening');
  const address = other.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const options = { answer: () => ({ status: 200, type: '', body: '' }), fault: () => undefined };
  await expect(startServer({ ...options, address: { ...local, port } })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  other.close();
});

test('it keeps no process alive, not even with a client that stays', { timeout: 30_000 }, async () => {
  const program = `
    import { connect } from 'node:net';
    import { startServer } from ${JSON.stringify(import.meta.resolve('../../../src/serve/server.ts'))};
    const server = await startServer({ address: { host: '127.0.0.1', port: 0 }, answer() {}, fault() {} });
    const client = connect(server.address.port, '127.0.0.1');
    await new Promise((resolve) => client.on('connect', resolve));
    client.unref();
    console.log('connected');`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], { timeout: 20_000 });
  expect(stdout).toBe('connected\n');
});
