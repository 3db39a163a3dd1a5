import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { inCluster } from '../../../src/watch/credentials.ts';
import { podList, refusal, scriptedApi, watchThatEnds } from '../../support/scripted-api.ts';
import { selfSigned } from '../../support/certificates.ts';
import { runningWatch } from './running-watch.ts';

async function serviceAccount(files: Readonly<Record<string, string>>) {
  const path = await mkdtemp(join(tmpdir(), 'podgauge-account-'));
  const write = async (more: Readonly<Record<string, string>>) => {
    for (const [name, content] of Object.entries(more)) await writeFile(join(path, name), content);
  };
  await write(files);
  return { path, write, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

const env = { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '443' };

test('the address comes from the environment, an IPv6 one in brackets', () => {
  expect(inCluster('/nowhere', env).url.href).toBe('https://10.0.0.1/');
  const six = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '6443' };
  expect(inCluster('/nowhere', six).url.href).toBe('https://[fd00::1]:6443/');
});

test.each([
  [{}, 'Not in a cluster: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set'],
  [
    { ...env, KUBERNETES_SERVICE_HOST: '' },
    'Not in a cluster: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set',
  ],
  [{ ...env, KUBERNETES_SERVICE_PORT: 'http' }, 'Cannot reach the API server at "https://10.0.0.1:http": not a URL'],
])('with %j it says what is missing', (variables, message) => {
  expect(() => inCluster('/nowhere', variables)).toThrow(message);
});

test('token and CA are those in the files now, the token without white space', async () => {
  await using account = await serviceAccount({ token: 'one\n', 'ca.crt': 'CA 1' });
  const access = inCluster(account.path, env);
  expect(await access.credentials()).toEqual({ headers: { authorization: 'Bearer one' }, tls: { ca: Buffer.from('CA 1') } });
  await account.write({ token: ' two', 'ca.crt': 'CA 2' });
  expect(await access.credentials()).toEqual({ headers: { authorization: 'Bearer two' }, tls: { ca: Buffer.from('CA 2') } });
});

test('a missing or empty token is told by its path', async () => {
  await using account = await serviceAccount({ 'ca.crt': 'CA' });
  const path = join(account.path, 'token');
  await expect(inCluster(account.path, env).credentials()).rejects.toThrow(path);
  await account.write({ token: '\n' });
  await expect(inCluster(account.path, env).credentials()).rejects.toThrow(
    `Cannot use the token in "${path}": the file is empty`,
  );
});

test('the watch survives the rotation of its token and of the CA', async () => {
  const [first, second] = await Promise.all([selfSigned('first'), selfSigned('second')]);
  await using account = await serviceAccount({ token: 'one', 'ca.crt': first.cert });
  await using api = await scriptedApi(first);
  api.script(podList('10'), async (response, request) => {
    await account.write({ token: 'two' });
    return refusal(401, 'Unauthorized')(response, request);
  });
  api.script(watchThatEnds(), async (response) => {
    api.rotate(second);
    await account.write({ 'ca.crt': second.cert });
    response.destroy();
  });
  const url = new URL(api.url);
  const access = inCluster(account.path, { KUBERNETES_SERVICE_HOST: url.hostname, KUBERNETES_SERVICE_PORT: url.port });
  await using running = runningWatch(api.url, { access });
  await api.request(5);
  expect(api.requests.map(({ authorization }) => authorization)).toEqual([
    'Bearer one',
    'Bearer one',
    'Bearer two',
    'Bearer two',
    'Bearer two',
  ]);
  expect(running.watch.stats.lists).toBe(1);
});
