import { once } from 'node:events';
import { createServer as createProxy } from 'node:http';
import type { Server as Proxy } from 'node:http';
import { createServer } from 'node:https';
import type { Server } from 'node:https';
import { connect } from 'node:net';
import type { Server as NetServer } from 'node:net';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createInfluxTarget } from '../../../src/write/influx.ts';
import type { InfluxOptions } from '../../../src/write/influx.ts';
import type { Outcome, Target } from '../../../src/write/target.ts';
import { createTlsFiles } from '../../../src/write/tls-files.ts';
import { selfSigned } from '../../support/certificates.ts';
import { hostTree } from '../../support/host-tree.ts';

const taken = { kind: 'taken', rejected: 0, done: true };
const body = gzipSync('podgauge,cluster=default,node=worker-1 pods=1i 1700000000123000000\n');

const servers = await selfSigned('influxdb');
const clients = await selfSigned('podgauge');
const other = await selfSigned('rotated');
/** The name in the certificate that each request's client showed. */
let shown: (string | undefined)[] = [];
/** What the proxy was asked. */
let asked: string[] = [];
let refuse: boolean;
let influx: Server;
let proxy: Proxy;

beforeEach(async () => {
  shown = [];
  asked = [];
  refuse = false;
  influx = createServer({ ...servers, requestCert: true, rejectUnauthorized: false }, (request, response) => {
    shown.push(clientName(request.socket));
    request.resume().on('end', () => response.writeHead(204).end());
  });
  proxy = createProxy((request, response) => {
    asked.push(`${request.method} ${JSON.stringify(request.headers)}`);
    response.writeHead(502).end();
  });
  proxy.on('connect', (request, socket) => {
    asked.push(`${request.method} ${request.url}`);
    if (refuse) return void socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    const onward = connect(portOf(influx), '127.0.0.1', () => socket.write('HTTP/1.1 200 OK\r\n\r\n'));
    socket.on('error', () => onward.destroy()).pipe(onward);
    onward.on('error', () => socket.destroy()).pipe(socket);
  });
  await Promise.all([once(influx.listen(0, '127.0.0.1'), 'listening'), once(proxy.listen(0, '127.0.0.1'), 'listening')]);
});

afterEach(() => {
  influx.closeAllConnections();
  influx.close();
  proxy.closeAllConnections();
  proxy.close();
});

function clientName(socket: object): string | undefined {
  return isTls(socket) ? [socket.getPeerCertificate().subject?.CN].flat()[0] : undefined;
}

function isTls(socket: object): socket is TLSSocket {
  return 'getPeerCertificate' in socket;
}

function portOf(server: NetServer): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port');
  return address.port;
}

function targetOf(options: Partial<InfluxOptions>): Target {
  return createInfluxTarget({
    url: new URL(`https://127.0.0.1:${portOf(influx)}`),
    org: 'o',
    bucket: 'b',
    token: async () => 'secret',
    env: {},
    wall: () => 0,
    timeoutMs: 20_000,
    ...options,
  });
}

function sendTo(target: Target): Promise<Outcome> {
  return target.send(body, 1, new AbortController().signal);
}

function send(options: Partial<InfluxOptions>): Promise<Outcome> {
  return sendTo(targetOf(options));
}

test('a certificate of a CA that is not known keeps the batch', async () => {
  expect(await send({})).toEqual({ kind: 'wait', reason: expect.stringContaining('self-signed certificate') });
});

test('a private CA is believed, and the client shows its certificate', async () => {
  expect(await send({ tls: async () => ({ ca: servers.cert }) })).toEqual(taken);
  expect(await send({ tls: async () => ({ ca: servers.cert, ...clients }) })).toEqual(taken);
  expect(shown).toEqual([undefined, 'podgauge']);
});

test('certificates that are swapped in their files are used from the next request on', async () => {
  await using files = await hostTree({ ca: other.cert, cert: clients.cert, key: clients.key });
  const path = (name: string): string => join(files.path, name);
  const target = targetOf({ tls: createTlsFiles({ ca: path('ca'), cert: path('cert'), key: path('key') }) });
  expect(await sendTo(target)).toMatchObject({ kind: 'wait' });
  await files.add({ ca: servers.cert });
  expect(await sendTo(target)).toEqual(taken);
  expect(await sendTo(target)).toEqual(taken);
  await files.add({ cert: other.cert, key: other.key });
  expect(await sendTo(target)).toEqual(taken);
  await files.remove('key');
  expect(await sendTo(target)).toMatchObject({ kind: 'wait', reason: expect.stringContaining(path('key')) });
  await files.add({ key: other.key });
  expect(await sendTo(target)).toEqual(taken);
  expect(shown).toEqual(['podgauge', 'podgauge', 'rotated', 'rotated']);
});

test('a certificate that is not there is told of at once', () => {
  expect(() => createTlsFiles({ ca: '/nowhere/ca.crt', cert: undefined, key: undefined })).toThrow('/nowhere/ca.crt');
});

test.each(['HTTPS_PROXY', 'https_proxy'])(
  'goes through the proxy that %s names, which sees neither token nor points',
  async (name) => {
    const env = { [name]: `http://127.0.0.1:${portOf(proxy)}` };
    expect(await send({ env, tls: async () => ({ ca: servers.cert }) })).toEqual(taken);
    expect(asked).toEqual([`CONNECT 127.0.0.1:${portOf(influx)}`]);
  },
);

test('goes around the proxy where NO_PROXY says so, and for plain HTTP', async () => {
  const env = { HTTPS_PROXY: `http://127.0.0.1:${portOf(proxy)}`, NO_PROXY: '127.0.0.1' };
  expect(await send({ env, tls: async () => ({ ca: servers.cert }) })).toEqual(taken);
  const plain = new URL(`http://127.0.0.1:${portOf(influx)}`);
  expect(await send({ env: { HTTPS_PROXY: env.HTTPS_PROXY }, url: plain })).toMatchObject({ kind: 'wait' });
  expect(asked).toEqual([]);
});

test('a proxy that refuses keeps the batch, and its password is in no reason', async () => {
  refuse = true;
  const env = { HTTPS_PROXY: `http://user:pa55word@127.0.0.1:${portOf(proxy)}` };
  const outcome = await send({ env, tls: async () => ({ ca: servers.cert }) });
  expect(outcome).toMatchObject({ kind: 'wait', reason: expect.stringContaining('407') });
  expect(JSON.stringify(outcome)).not.toContain('pa55word');
  expect(asked).toHaveLength(1);
});
