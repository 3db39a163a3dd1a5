/** Each way in which a server is not reached, on real connections. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { beforeAll, expect, test } from 'vitest';
import { apiReach, checkApi } from '../../../src/check/api.ts';
import { influxReach } from '../../../src/check/influx.ts';
import { createProblems } from '../../../src/problems.ts';
import { bearer } from '../../../src/watch/credentials.ts';
import type { TlsOptions } from '../../../src/watch/credentials.ts';
import { everything } from '../../../src/watch/selection.ts';
import { freePort } from '../../servers/service.ts';
import { expired, selfSigned } from '../../support/certificates.ts';
import type { Issued } from '../../support/certificates.ts';
import { body, scriptedApi, silence } from '../../support/scripted-api.ts';
import { recordingLogger } from '../watch/running-watch.ts';
import { createSeen } from './seen.ts';
import { influxTold } from './influx-told.ts';

const never = new AbortController().signal;
const seenApi = createSeen(apiReach);
const seenInflux = createSeen(influxReach);
let issued: Issued;
let other: Issued;
let old: Issued;

beforeAll(async () => {
  [issued, other, old] = await Promise.all([selfSigned('one'), selfSigned('other'), expired()]);
});

interface Attempt {
  readonly url: string;
  readonly tls?: TlsOptions;
  readonly tokenFile?: string;
  readonly timeout?: number;
}

/** What is told of the API server at this address. */
async function apiTold({ url, tls = {}, tokenFile, timeout = 20_000 }: Attempt): Promise<readonly string[]> {
  const access = {
    url: new URL(url),
    async credentials() {
      return { headers: tokenFile === undefined ? {} : { authorization: await bearer(tokenFile) }, tls };
    },
    refresh() {
      // There is nothing to read again.
    },
  };
  const problems = createProblems(recordingLogger([]));
  const options = { access, node: 'node-1', needsNode: true, selection: everything, problems, timeout, wall: () => 0 };
  const { findings, pods } = await checkApi(options, never);
  expect(pods).toBeUndefined();
  return seenApi.told(findings);
}

const toldInflux = async (url: string, more: object = {}) => seenInflux.told(await influxTold({ url, ...more }));

test('a name without an address', async () => {
  // Longer than a name may be in the DNS: nobody is asked.
  const name = `${'a'.repeat(64)}.invalid`;
  expect(await apiTold({ url: `https://${name}:6443` })).toEqual([`name: https://${name}:6443: getaddrinfo ENOTFOUND ${name}`]);
  expect(await toldInflux(`http://${name}:8086`)).toEqual([`name: http://${name}:8086: getaddrinfo ENOTFOUND ${name}`]);
});

test('a port on which nobody listens', async () => {
  const port = await freePort();
  const says = `connect ECONNREFUSED 127.0.0.1:${port}`;
  expect(await apiTold({ url: `https://127.0.0.1:${port}` })).toEqual([`refused: https://127.0.0.1:${port}: ${says}`]);
  expect(await toldInflux(`http://127.0.0.1:${port}`)).toEqual([`refused: http://127.0.0.1:${port}: ${says}`]);
});

test('a server that takes the connection and says nothing', async () => {
  await using api = await scriptedApi();
  api.script(silence(), silence());
  expect(await apiTold({ url: api.url, timeout: 500 })).toEqual([`silent: ${api.url}: no answer for 0.4 s`]);
  expect(await toldInflux(api.url, { timeoutMs: 500 })).toEqual([`silent: ${api.url}: no answer within 500 ms`]);
});

test('a certificate that nobody trusts, one of another name, and one that is over', async () => {
  await using api = await scriptedApi(issued);
  const elsewhere = api.url.replace('127.0.0.1', 'localhost');
  expect(await apiTold({ url: api.url, tls: { ca: other.cert } })).toEqual([`untrusted: ${api.url}: self-signed certificate`]);
  expect(await toldInflux(api.url)).toEqual([expect.stringMatching(/^untrusted: .*self-signed certificate/)]);
  expect(await apiTold({ url: elsewhere, tls: { ca: issued.cert } })).toEqual([
    expect.stringMatching(/^misnamed: .*Host: localhost\. is not in the cert's altnames/),
  ]);
  expect(await toldInflux(elsewhere, { ca: issued.cert })).toEqual([expect.stringMatching(/^misnamed: /)]);
  await using dated = await scriptedApi(old);
  expect(await apiTold({ url: dated.url, tls: { ca: old.cert } })).toEqual([`dated: ${dated.url}: certificate has expired`]);
  expect(await toldInflux(dated.url, { ca: old.cert })).toEqual([`dated: ${dated.url}: certificate has expired`]);
});

test('no TLS where https:// was asked for', async () => {
  await using api = await scriptedApi();
  const url = api.url.replace('http:', 'https:');
  expect(await apiTold({ url })).toEqual([expect.stringMatching(/^handshake: /)]);
  expect(await toldInflux(url)).toEqual([expect.stringMatching(/^handshake: /)]);
});

test('a connection that breaks', async () => {
  const server = createServer((socket) => socket.destroy());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${portOf(server.address())}`;
  try {
    expect(await apiTold({ url })).toEqual([`broken: ${url}: socket hang up`]);
    expect(await toldInflux(url)).toEqual([`broken: ${url}: socket hang up`]);
  } finally {
    server.close();
  }
});

test('a token or a certificate that cannot be read or used', async () => {
  await using api = await scriptedApi();
  const missing = `${tmpdir()}/podgauge-no-such-file`;
  expect(await apiTold({ url: api.url, tokenFile: missing })).toEqual([
    `files: ${api.url}: ENOENT: no such file or directory, open '${missing}'`,
  ]);
  const broken = '-----BEGIN CERTIFICATE-----\nno\n-----END CERTIFICATE-----\n';
  expect(await apiTold({ url: 'https://127.0.0.1:1', tls: { ca: broken, cert: broken } })).toEqual([
    expect.stringMatching(/^files: /),
  ]);
  api.script(body('{"status":"pass","version":"2"}'));
  expect(await influxTold({ url: api.url, tokenFile: missing })).toMatchObject([
    { kind: { level: 'ok' } },
    { kind: { level: 'ok' } },
    { kind: influxReach.files, says: expect.stringContaining(missing) },
  ]);
  expect(await toldInflux('https://127.0.0.1:1', { caFile: missing })).toEqual([
    expect.stringMatching(/^files: .*no such file/),
  ]);
});

test('each kind was seen, of both', () => {
  expect(seenApi.unseen()).toEqual([]);
  expect(seenInflux.unseen()).toEqual([]);
});

function portOf(address: AddressInfo | string | null): number {
  if (typeof address !== 'object' || address === null) throw new Error('The server has no port');
  return address.port;
}
