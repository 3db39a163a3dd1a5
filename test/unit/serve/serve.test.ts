import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { ConfigError } from '../../../src/config/error.ts';
import { serve } from '../../../src/serve/serve.ts';
import { createLog } from '../write/scripted-target.ts';
import type { LogLine } from '../write/scripted-target.ts';
import { serveScene } from './scene.ts';

async function takenPort(): Promise<AsyncDisposable & { readonly port: number }> {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = other.address();
  if (address === null || typeof address === 'string') throw new Error('No port');
  return {
    port: address.port,
    async [Symbol.asyncDispose]() {
      other.close();
      await once(other, 'close');
    },
  };
}

test('it says where it serves', async () => {
  await using scene = await serveScene();
  expect(scene.logged).toEqual([
    { level: 'info', data: { address: '127.0.0.1', port: scene.port }, message: 'Serving /healthz, /readyz and /metrics' },
  ]);
});

test('there is nothing but the three pages', async () => {
  await using scene = await serveScene();
  for (const path of [
    '/',
    '/metrics/',
    '//healthz',
    '/healthz/..',
    '/%68ealthz',
    '/livez',
    '/pods',
    '/debug/pprof',
    '/../etc/passwd',
  ]) {
    expect(await scene.get(path)).toEqual({ status: 404, type: 'text/plain; charset=utf-8', text: 'not found\n' });
  }
  expect((await scene.get('/healthz?verbose')).status).toBe(200);
});

test('an address that somebody chose and another program has ends the start with one line', async () => {
  await using scene = await serveScene();
  await using other = await takenPort();
  const text = `127.0.0.1:${other.port}`;
  const listen = { host: '127.0.0.1', port: other.port, text, chosen: true };
  const failure = serve(listen, { own: scene, source: { ready: true }, periodMs: 1000 }, createLog([]));
  await expect(failure).rejects.toBeInstanceOf(ConfigError);
  await expect(failure).rejects.toThrow(
    `Cannot listen on ${text}: another program has it: set --listen (PODGAUGE_LISTEN) to another address, or to off`,
  );
});

test('an address that this host has not is told so', async () => {
  await using scene = await serveScene();
  const listen = { host: '192.0.2.1', port: 0, text: '192.0.2.1:0', chosen: true };
  const failure = serve(listen, { own: scene, source: { ready: true }, periodMs: 1000 }, createLog([]));
  await expect(failure).rejects.toThrow('Cannot listen on 192.0.2.1:0: this host has no such address: set --listen');
});

test('the default address, when another program has it, is given up with a warning', async () => {
  await using scene = await serveScene();
  await using other = await takenPort();
  const text = `127.0.0.1:${other.port}`;
  const logged: LogLine[] = [];
  const listen = { host: '127.0.0.1', port: other.port, text, chosen: false };
  const server = await serve(listen, { own: scene, source: { ready: true }, periodMs: 1000 }, createLog(logged));
  expect(server).toBeUndefined();
  expect(logged.map(({ level, message }) => [level, message])).toEqual([
    [
      'warn',
      `Cannot listen on ${text}: another program has it, so nobody is told of health or self-metrics: set --listen to another ` +
        'address, or to off',
    ],
  ]);
});

test('what fails within is a 500, and logged once a cause', async () => {
  await using scene = await serveScene({
    usage: () => {
      throw new Error('no usage');
    },
  });
  for (const path of ['/metrics', '/metrics']) expect((await scene.get(path)).status).toBe(500);
  expect((await scene.get('/healthz')).status).toBe(200);
  expect(scene.logged.slice(1)).toEqual([
    { level: 'error', data: { err: new Error('no usage') }, message: 'Cannot serve a request' },
  ]);
});
