import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { createConnection } from '../../../src/watch/connection.ts';
import { fromKubeconfig } from '../../../src/watch/kubeconfig.ts';
import { body, refusal, scriptedApi } from '../../support/scripted-api.ts';
import { selfSigned } from '../../support/certificates.ts';

// Hundreds of files, which a busy machine takes its time over.
beforeAll(() => import('@kubernetes/client-node'), 60_000);

async function directory(files: Readonly<Record<string, string>>) {
  const path = await mkdtemp(join(tmpdir(), 'podgauge-kubeconfig-'));
  for (const [name, content] of Object.entries(files)) await writeFile(join(path, name), content);
  return { path, file: (name: string) => join(path, name), [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

/** A kubeconfig with one of each; JSON, which is YAML too. */
function kubeconfig(cluster: object, user: object): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster }],
    users: [{ name: 'u', user }],
    contexts: [
      { name: 'other', context: { cluster: 'none', user: 'none' } },
      { name: 'here', context: { cluster: 'c', user: 'u' } },
    ],
    'current-context': 'here',
  });
}

const base64 = (text: string) => Buffer.from(text).toString('base64');

test('inline data: token, CA, client certificate, name of the server', async () => {
  const cluster = {
    server: 'https://api.test:6443/k8s',
    'certificate-authority-data': base64('CA'),
    'tls-server-name': 'api.inside',
  };
  const user = { token: 'secret', 'client-certificate-data': base64('CERT'), 'client-key-data': base64('KEY') };
  await using dir = await directory({ config: kubeconfig(cluster, user) });
  const access = await fromKubeconfig(dir.file('config'));
  expect(access.url.href).toBe('https://api.test:6443/k8s');
  expect(await access.credentials()).toEqual({
    headers: { authorization: 'Bearer secret' },
    tls: { ca: Buffer.from('CA'), cert: Buffer.from('CERT'), key: Buffer.from('KEY'), servername: 'api.inside' },
  });
});

test('files are named from the place of the kubeconfig and read again for each request', async () => {
  const cluster = { server: 'https://api.test', 'certificate-authority': 'ca.pem' };
  const user = { tokenFile: 'token', 'client-certificate': 'cert.pem', 'client-key': 'key.pem' };
  await using dir = await directory({
    config: kubeconfig(cluster, user),
    'ca.pem': 'CA',
    'cert.pem': 'CERT',
    'key.pem': 'KEY',
    token: 'one\n',
  });
  const access = await fromKubeconfig(dir.file('config'));
  const tls = { ca: Buffer.from('CA'), cert: Buffer.from('CERT'), key: Buffer.from('KEY') };
  expect(await access.credentials()).toEqual({ headers: { authorization: 'Bearer one' }, tls });
  await writeFile(dir.file('token'), 'two');
  await writeFile(dir.file('ca.pem'), 'CA 2');
  expect(await access.credentials()).toEqual({
    headers: { authorization: 'Bearer two' },
    tls: { ...tls, ca: Buffer.from('CA 2') },
  });
});

test('a server without verification, and one without a user', async () => {
  await using dir = await directory({
    insecure: kubeconfig({ server: 'https://api.test', 'insecure-skip-tls-verify': true }, { username: 'me', password: 'pw' }),
    nobody: [
      'clusters: [{name: c, cluster: {server: "https://api.test", certificate-authority-data: Q0E=}}]',
      'contexts: [{name: here, context: {cluster: c}}]',
      'current-context: here',
    ].join('\n'),
  });
  expect(await (await fromKubeconfig(dir.file('insecure'))).credentials()).toEqual({
    headers: { authorization: `Basic ${base64('me:pw')}` },
    tls: { rejectUnauthorized: false },
  });
  expect(await (await fromKubeconfig(dir.file('nobody'))).credentials()).toEqual({
    headers: {},
    tls: { ca: Buffer.from('CA') },
  });
});

test('an exec plugin gives the token, again after the server refused it', async () => {
  const script =
    '#!/bin/sh\necho x >> "$0.runs"\necho "{\\"status\\":{\\"token\\":\\"run-$(wc -l < "$0.runs" | tr -d " ")\\"}}"\n';
  await using dir = await directory({ plugin: script });
  await chmod(dir.file('plugin'), 0o755);
  const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: dir.file('plugin'), interactiveMode: 'Never' };
  await writeFile(dir.file('config'), kubeconfig({ server: 'https://api.test' }, { exec }));
  const access = await fromKubeconfig(dir.file('config'));
  expect((await access.credentials()).headers).toEqual({ authorization: 'Bearer run-1' });
  expect((await access.credentials()).headers).toEqual({ authorization: 'Bearer run-1' });
  access.refresh();
  expect((await access.credentials()).headers).toEqual({ authorization: 'Bearer run-2' });
});

test('of several files the first to name a thing decides', async () => {
  await using dir = await directory({
    one: kubeconfig({ server: 'https://one.test' }, { token: 'one' }),
    two: kubeconfig({ server: 'https://two.test' }, { token: 'two' }),
  });
  const access = await fromKubeconfig(`${dir.file('one')}:${dir.file('two')}`);
  expect(access.url.host).toBe('one.test');
  expect((await access.credentials()).headers).toEqual({ authorization: 'Bearer one' });
});

test('it reaches real servers, by HTTPS under the name it is told, and by plain HTTP', async () => {
  const { cert, key } = await selfSigned('api');
  await using secure = await scriptedApi({ cert, key });
  await using plain = await scriptedApi();
  secure.script(body('secure'));
  plain.script(body('plain'));
  const tls = { server: secure.url, 'certificate-authority-data': base64(cert), 'tls-server-name': 'api.test' };
  await using dir = await directory({ secure: kubeconfig(tls, { token: 'x' }), plain: kubeconfig({ server: plain.url }, {}) });
  for (const name of ['secure', 'plain']) {
    const connection = createConnection(await fromKubeconfig(dir.file(name)), () => {});
    const limits = { answer: 5000, idle: 5000, total: 5000 };
    const said = await connection.request('/', limits, new AbortController().signal, async ({ chunks }) =>
      Buffer.concat(await Array.fromAsync(chunks)).toString(),
    );
    expect(said).toBe(name);
    connection.close();
  }
});

test('an inline authority and token are read again when the server is not trusted, or does not let in', async () => {
  const [first, second] = await Promise.all([selfSigned('first'), selfSigned('second')]);
  await using api = await scriptedApi(first);
  const text = (cert: string, token: string) =>
    kubeconfig({ server: api.url, 'certificate-authority-data': base64(cert) }, { token });
  await using dir = await directory({ config: text(first.cert, 'one') });
  const connection = createConnection(await fromKubeconfig(dir.file('config')), () => {});
  const limits = { answer: 5000, idle: 5000, total: 5000 };
  const statusOf = () => connection.request('/', limits, new AbortController().signal, async ({ status }) => status);

  api.script(refusal(401, 'no'), refusal(401, 'no'), body(''));
  expect(await statusOf()).toBe(401);
  api.rotate(second);
  api.cut();
  await expect(statusOf()).rejects.toThrow('self-signed certificate');
  await writeFile(dir.file('config'), text(second.cert, 'two'));
  expect(await statusOf()).toBe(200);
  expect(api.requests.map(({ authorization }) => authorization)).toEqual(['Bearer one', 'Bearer one', 'Bearer two']);
  connection.close();
});

const server = 'https://api.test';

test.each([
  ['not YAML', 'a: [1\ntoken: hidden', 'Cannot read kubeconfig "FILE": BAD_INDENT in line 2'],
  ['empty', '', 'Cannot use kubeconfig "FILE": not a kubeconfig'],
  ['text', 'hello', 'Cannot use kubeconfig "FILE": not a kubeconfig'],
  ['without a current context', '{}', 'Cannot use kubeconfig "FILE": it has no current-context'],
  ['with an unknown context', 'current-context: x', 'Cannot use kubeconfig "FILE": its current-context "x" is not in it'],
  [
    'with a cluster without a server',
    kubeconfig({}, {}),
    'Cannot use kubeconfig "FILE": clusters[0].cluster.server is missing',
  ],
  [
    'with a server that is no URL',
    kubeconfig({ server: 'api' }, {}),
    'Cannot use kubeconfig "FILE": its server "api" is not an http or https URL',
  ],
  [
    'with a proxy',
    kubeconfig({ server, 'proxy-url': 'http://p' }, {}),
    'Cannot use kubeconfig "FILE": proxy-url is not supported',
  ],
])('a kubeconfig that is %s gives one line', async (_, content, message) => {
  await using dir = await directory({ config: content });
  await expect(fromKubeconfig(dir.file('config'))).rejects.toThrow(message.replace('FILE', dir.file('config')));
});

test('a kubeconfig that is not there gives one line', async () => {
  await expect(fromKubeconfig('/nowhere/config')).rejects.toThrow('Cannot read kubeconfig "/nowhere/config": ENOENT');
});
