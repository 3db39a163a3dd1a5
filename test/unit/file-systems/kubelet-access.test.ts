import { once } from 'node:events';
import https from 'node:https';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { kubeletAccess, kubeletEndpoint } from '../../../src/file-systems/kubelet-access.ts';
import { nodeRecord } from '../../../src/watch/node-record.ts';
import { createConnection } from '../../../src/watch/connection.ts';
import { selfSigned } from '../../support/certificates.ts';
import { account } from './running-kubelet.ts';
import type { Account } from './running-kubelet.ts';

const limits = { answer: 10_000, idle: 10_000, total: 10_000 };

let files: Account;
let server: https.Server;
let port: number;

beforeAll(async () => {
  // Its names are 127.0.0.1 and api.test; it listens on another address.
  const issued = await selfSigned('kubelet');
  files = await account(issued.cert);
  server = https.createServer({ ...issued }, (_, response) => response.end('in'));
  await once(server.listen(0, '127.0.0.2'), 'listening');
  const address = server.address();
  port = typeof address === 'object' && address !== null ? address.port : 0;
});

afterAll(async () => {
  server.close();
  await files[Symbol.asyncDispose]();
});

async function statusFor(node: string): Promise<number> {
  const access = kubeletAccess({
    endpoint: { address: '127.0.0.2', port },
    node,
    tokenFile: files.tokenFile,
    trust: { kind: 'ca', file: files.caFile },
  });
  const connection = createConnection(access, () => {});
  try {
    return await connection.request('/', limits, new AbortController().signal, async ({ status }) => status);
  } catch (error) {
    throw new Error(access.distrusted ? 'distrusted' : 'down', { cause: error });
  } finally {
    connection.close();
  }
}

test('the certificate may have the name of the node in place of its address', async () => {
  expect(await statusFor('api.test')).toBe(200);
});

test('a certificate of the same authority for another node is refused', async () => {
  await expect(statusFor('node-1')).rejects.toMatchObject({
    message: 'distrusted',
    cause: { message: expect.stringContaining("IP: 127.0.0.2 is not in the cert's list") },
  });
});

test('the kubelet listens at the first internal address of its node, at the port the node has for it', () => {
  const addresses = [
    { type: 'Hostname', address: 'node-1' },
    { type: 'ExternalIP', address: '198.51.100.7' },
    { type: 'InternalIP', address: '10.0.0.7' },
    { type: 'InternalIP', address: 'fd00::7' },
  ];
  const daemonEndpoints = { kubeletEndpoint: { Port: 10_250 } };
  const endpointBy = (status: object) => kubeletEndpoint(nodeRecord({ kind: 'Node', status }));
  expect(endpointBy({ addresses, daemonEndpoints })).toEqual({ address: '10.0.0.7', port: 10_250 });
  expect(endpointBy({ addresses })).toBeUndefined();
  expect(endpointBy({ addresses: addresses.slice(0, 2), daemonEndpoints })).toBeUndefined();
  expect(kubeletEndpoint(undefined)).toBeUndefined();
});

test('an IPv6 address is one', () => {
  const { url } = kubeletAccess({
    endpoint: { address: 'fd00::12', port: 10_250 },
    node: 'node-1',
    tokenFile: '/token',
    trust: { kind: 'unverified' },
  });
  expect(url.href).toBe('https://[fd00::12]:10250/');
});

test('an empty CA file is refused: it must not mean every public authority', async () => {
  await using empty = await account('');
  const access = kubeletAccess({
    endpoint: { address: '127.0.0.2', port },
    node: 'api.test',
    tokenFile: empty.tokenFile,
    trust: { kind: 'ca', file: empty.caFile },
  });
  await expect(access.credentials()).rejects.toThrow(`Cannot use the CA in "${empty.caFile}": the file holds no certificate`);
});
