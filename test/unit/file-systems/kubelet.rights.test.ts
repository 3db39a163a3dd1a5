import { beforeAll, expect, test } from 'vitest';
import { body, scriptedApi } from '../../support/scripted-api.ts';
import type { Step } from '../../support/scripted-api.ts';
import { selfSigned } from '../../support/certificates.ts';
import type { Issued } from '../../support/certificates.ts';
import { account, endpointOf, refusedText, runningKubelet, times } from './running-kubelet.ts';
import { summaryText } from './summary-text.ts';

const never = new AbortController().signal;

let first: Issued;
let second: Issued;

beforeAll(async () => {
  [first, second] = await Promise.all([selfSigned('first'), selfSigned('second')]);
});

test('without the right it says once which one is missing, and tries again every ten minutes', async () => {
  await using api = await scriptedApi(first);
  await using files = await account(first.cert);
  const text = 'Forbidden (user=system:serviceaccount:a:b, verb=get, resource=nodes, subresource(s)=[stats])\n';
  api.script(...times(2, refusedText(403, text)), body(summaryText));
  await using kubelet = runningKubelet({ url: api.url, account: files, random: () => 0, until: 1_260_000 });
  await kubelet.ended;
  expect(kubelet.asked).toEqual([0, 600_000, 1_200_000]);
  expect(kubelet.logged).toEqual([
    `warn: Kubelet at ${api.url} refuses its statistics (HTTP 403): allow the service account "get" on "nodes/stats"; until then there are no file systems: kubelet HTTP 403`,
  ]);
  expect(kubelet.problems.counts.denied).toBe(2);
  expect(kubelet.source.stats).toMatchObject({ requests: 3, failures: 2, refused: 2 });
  expect(kubelet.source.report?.pods.size).toBe(2);
});

test('a kubelet that takes no tokens is told by what it needs; the token is read again once before', async () => {
  await using api = await scriptedApi(first);
  await using files = await account(first.cert);
  api.script(...times(2, refusedText(401, 'Unauthorized')));
  await using kubelet = runningKubelet({ url: api.url, account: files });
  expect(await kubelet.source.ask(endpointOf(api), never)).toMatchObject({ kind: 'refused', cause: 'kubelet HTTP 401' });
  expect(kubelet.logged).toHaveLength(1);
  expect(kubelet.logged[0]).toContain('does not accept the token (HTTP 401): set authentication.webhook.enabled');
  expect(api.requests).toHaveLength(2);
});

test('a token that the kubelet could not ask about, since the API server was away, is tried again soon', async () => {
  await using api = await scriptedApi(first);
  await using files = await account(first.cert);
  api.script(...times(4, refusedText(401, 'Unauthorized')), body(summaryText));
  await using kubelet = runningKubelet({ url: api.url, account: files, random: () => 0, until: 190_000 });
  await kubelet.ended;
  expect(kubelet.asked).toEqual([0, 60_000, 180_000]);
  expect(kubelet.logged).toHaveLength(1);
  expect(kubelet.source.report?.pods.size).toBe(2);
});

test('a rotated token is used from the next request on, at once where the old one is refused', async () => {
  await using api = await scriptedApi(first);
  await using files = await account(first.cert);
  await using kubelet = runningKubelet({ url: api.url, account: files });
  const rotating: Step = async (response) => {
    await files.write({ token: 'three' });
    response.writeHead(401).end('Unauthorized');
  };
  api.script(body(summaryText), rotating, body(summaryText));
  expect(await kubelet.source.ask(endpointOf(api), never)).toBeUndefined();
  await files.write({ token: 'two\n' });
  expect(await kubelet.source.ask(endpointOf(api), never)).toBeUndefined();
  expect(api.requests.map(({ authorization }) => authorization)).toEqual(['Bearer one', 'Bearer two', 'Bearer three']);
});

test('a certificate of an unknown authority is refused before the token is sent, and said once with the remedy', async () => {
  await using api = await scriptedApi(first);
  await using files = await account(second.cert);
  await using kubelet = runningKubelet({ url: api.url, account: files, random: () => 0, until: 120_000 });
  await kubelet.ended;
  expect(kubelet.asked).toEqual([0, 60_000]);
  expect(api.requests).toEqual([]);
  expect(kubelet.logged).toEqual([
    `warn: Certificate of the kubelet at ${api.url} is not trusted (self-signed certificate): set --kubelet-ca-file to the CA that signed it, or --kubelet-insecure to do without: kubelet certificate`,
  ]);
  expect(kubelet.problems.counts.denied).toBe(2);
  expect(kubelet.source.stats).toEqual({ requests: 2, failures: 2, refused: 2, lastAt: undefined });
});

test('a rotated CA is used from the next request on, the old one no longer', async () => {
  await using api = await scriptedApi(first);
  await using files = await account(first.cert);
  await using kubelet = runningKubelet({ url: api.url, account: files });
  api.script(...times(3, body(summaryText)));
  expect(await kubelet.source.ask(endpointOf(api), never)).toBeUndefined();
  api.rotate(second);
  expect(await kubelet.source.ask(endpointOf(api), never)).toMatchObject({ kind: 'distrusted' });
  await files.write({ ca: second.cert });
  expect(await kubelet.source.ask(endpointOf(api), never)).toBeUndefined();
});

test('not verifying is possible, and says nothing', async () => {
  await using api = await scriptedApi(first);
  await using files = await account(second.cert);
  await using kubelet = runningKubelet({ url: api.url, account: files, trust: { kind: 'unverified' } });
  api.script(body(summaryText));
  expect(await kubelet.source.ask(endpointOf(api), never)).toBeUndefined();
  expect(kubelet.logged).toEqual([]);
});
