import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { body, refusal, scriptedApi, silence } from '../../support/scripted-api.ts';
import { selfSigned } from '../../support/certificates.ts';
import type { Issued } from '../../support/certificates.ts';
import { account, endpointOf, refusedText, runningKubelet, times } from './running-kubelet.ts';
import { answeredAt, summaryText } from './summary-text.ts';

const faked: Parameters<typeof vi.useFakeTimers>[0] = { toFake: ['setTimeout', 'clearTimeout'] };
const never = new AbortController().signal;
const podUid = '96636a87-47f5-4970-a15e-6e7901925c90';

let first: Issued;

beforeAll(async () => {
  first = await selfSigned('first');
});

afterEach(() => {
  vi.useRealTimers();
});

test('a report each period, each on a connection of its own, with the token', async () => {
  await using api = await scriptedApi(first);
  await using files = await account(first.cert);
  api.script(...times(3, body(summaryText)));
  await using kubelet = runningKubelet({ url: api.url, account: files, until: 195_000 });
  await kubelet.ended;
  expect(kubelet.asked).toEqual([15_000, 75_000, 135_000]);
  expect(api.requests).toEqual(
    [1, 2, 3].map((connection) => ({ path: '/stats/summary', query: {}, authorization: 'Bearer one', connection })),
  );
  expect(kubelet.source.report?.pods.has(podUid)).toBe(true);
  expect(kubelet.source.report?.at).toBe(answeredAt);
  expect(kubelet.source.stats).toEqual({ requests: 3, failures: 0, refused: 0, lastAt: answeredAt });
  expect(kubelet.logged).toEqual([]);
});

test('it starts at a random moment of the first half minute and asks nobody until the address is known', async () => {
  await using api = await scriptedApi(first);
  await using files = await account(first.cert);
  api.script(body(summaryText));
  let known = 3;
  const moments: number[] = [];
  await using kubelet = runningKubelet({
    url: api.url,
    account: files,
    until: 60_000,
    random: () => 0.25,
    endpoint() {
      moments.push(kubelet.clock.ms);
      known -= 1;
      return known > 0 ? undefined : endpointOf(api);
    },
  });
  await kubelet.ended;
  expect(moments).toEqual([7500, 12_500, 17_500]);
  expect(kubelet.source.stats.requests).toBe(1);
});

test('a failed request takes the report back, and the next one brings another', async () => {
  await using api = await scriptedApi(first);
  await using files = await account(first.cert);
  await using kubelet = runningKubelet({ url: api.url, account: files });
  api.script(body(summaryText), refusedText(500, 'Internal Error: no stats'), body(summaryText));
  const ask = () => kubelet.source.ask(endpointOf(api), never);
  expect(await ask()).toBeUndefined();
  expect(kubelet.source.report?.pods.size).toBe(2);
  expect(await ask()).toMatchObject({ kind: 'down', cause: 'HTTP 500' });
  expect(kubelet.source.report).toBeUndefined();
  expect(kubelet.source.stats.lastAt).toBe(answeredAt);
  expect(await ask()).toBeUndefined();
  expect(kubelet.source.report?.pods.size).toBe(2);
});

test('a kubelet that is away is asked less and less often, and logged once when it stays away and once when it is back', async () => {
  await using api = await scriptedApi(first);
  await using files = await account(first.cert);
  const down = refusedText(500, 'Internal Error: context deadline exceeded');
  api.script(...times(7, down), body(summaryText), down, body(summaryText));
  const minute = 60_000;
  await using kubelet = runningKubelet({ url: api.url, account: files, random: () => 0, until: 48 * minute });
  await kubelet.ended;
  expect(kubelet.asked.map((ms) => ms / minute)).toEqual([0, 1, 3, 7, 15, 25, 35, 45, 46, 47]);
  expect(kubelet.logged).toEqual([
    'warn: Cannot read file systems from the kubelet: HTTP 500',
    'info: Reading file systems from the kubelet again',
  ]);
  expect(kubelet.source.stats).toMatchObject({ requests: 10, failures: 8, refused: 0 });
});

test('the kubelet may ask to be left alone', async () => {
  await using api = await scriptedApi(first);
  await using files = await account(first.cert);
  api.script(refusal(429, 'slow down', { 'retry-after': '100' }), body(summaryText));
  await using kubelet = runningKubelet({ url: api.url, account: files, random: () => 0, until: 180_000 });
  await kubelet.ended;
  expect(kubelet.asked).toEqual([0, 120_000]);
});

test('a redirect is not followed', async () => {
  await using api = await scriptedApi(first);
  await using other = await scriptedApi(first);
  await using files = await account(first.cert);
  other.script(body(summaryText));
  api.script((response) => {
    response.writeHead(307, { location: `${other.url}/stats/summary` }).end();
  });
  await using kubelet = runningKubelet({ url: api.url, account: files });
  expect(await kubelet.source.ask(endpointOf(api), never)).toMatchObject({ kind: 'down', cause: 'HTTP 307' });
  expect(other.requests).toEqual([]);
});

test('a kubelet that takes the request and never answers is given up', async () => {
  await using api = await scriptedApi(first);
  await using files = await account(first.cert);
  await using kubelet = runningKubelet({ url: api.url, account: files });
  api.script(silence());
  vi.useFakeTimers(faked);
  const asking = kubelet.source.ask(endpointOf(api), never);
  await api.request(1);
  vi.advanceTimersByTime(20_000);
  expect(await asking).toMatchObject({ kind: 'down', cause: 'not over after 20 s' });
});

test('a kubelet that falls silent in the middle of its answer is given up', async () => {
  await using api = await scriptedApi(first);
  await using files = await account(first.cert);
  await using kubelet = runningKubelet({ url: api.url, account: files });
  const sent = Promise.withResolvers<void>();
  api.script((response) => {
    response.write(summaryText.slice(0, 3000), () => sent.resolve());
  });
  vi.useFakeTimers(faked);
  const asking = kubelet.source.ask(endpointOf(api), never);
  await sent.promise;
  vi.advanceTimersByTime(20_000);
  expect(await asking).toMatchObject({ kind: 'down', cause: 'not over after 20 s' });
  expect(kubelet.source.report).toBeUndefined();
});

test('an answer that is cut gives no report', async () => {
  await using api = await scriptedApi(first);
  await using files = await account(first.cert);
  await using kubelet = runningKubelet({ url: api.url, account: files });
  api.script((response) => {
    response.write(summaryText.slice(0, 3000), () => response.destroy());
  });
  expect(await kubelet.source.ask(endpointOf(api), never)).toMatchObject({ kind: 'down', cause: 'aborted' });
  expect(kubelet.source.report).toBeUndefined();
});

test('an answer that is something else is counted and logged once', async () => {
  await using api = await scriptedApi(first);
  await using files = await account(first.cert);
  await using kubelet = runningKubelet({ url: api.url, account: files });
  api.script(body('<html>hello</html>'), body(summaryText.replace('"node-1"', '"node-2"')));
  expect(await kubelet.source.ask(endpointOf(api), never)).toMatchObject({
    kind: 'object',
    message: `Kubelet at ${api.url}: its answer is no summary: no node in it`,
  });
  expect(await kubelet.source.ask(endpointOf(api), never)).toMatchObject({
    message: `Kubelet at ${api.url}: its answer is no summary: of node "node-2", not of "node-1"`,
  });
  expect(kubelet.problems.counts.object).toBe(2);
  expect(kubelet.logged).toHaveLength(1);
});

test('an answer without end is given up at 32 MiB, and its connection closed', async () => {
  await using api = await scriptedApi(first);
  await using files = await account(first.cert);
  await using kubelet = runningKubelet({ url: api.url, account: files });
  const closed = Promise.withResolvers<void>();
  api.script((response) => {
    const block = Buffer.alloc(1_048_576, ' ');
    const send = () => {
      while (!response.closed && response.write(block));
    };
    response.on('drain', send);
    response.on('close', closed.resolve);
    send();
  });
  expect(await kubelet.source.ask(endpointOf(api), never)).toMatchObject({
    kind: 'object',
    message: `Kubelet at ${api.url}: its answer is no summary: larger than 33554432 bytes`,
  });
  await closed.promise;
});

test('an abort ends a request that hangs, and is no failure', async () => {
  await using api = await scriptedApi(first);
  await using files = await account(first.cert);
  api.script(silence());
  const controller = new AbortController();
  await using kubelet = runningKubelet({ url: api.url, account: files });
  const running = kubelet.source.run(controller.signal);
  await api.request(1);
  controller.abort();
  await running;
  expect(kubelet.source.stats).toEqual({ requests: 1, failures: 0, refused: 0, lastAt: undefined });
  expect(kubelet.logged).toEqual([]);
});

test('a missing token, or a CA file without a certificate, is a failure like another', async () => {
  await using api = await scriptedApi(first);
  await using files = await account(first.cert);
  await using kubelet = runningKubelet({ url: api.url, account: files, tokenFile: '/nonexistent/token' });
  expect(await kubelet.source.ask(endpointOf(api), never)).toMatchObject({
    kind: 'down',
    cause: "ENOENT: no such file or directory, open '/nonexistent/token'",
  });
  await files.write({ ca: 'none' });
  await using other = runningKubelet({ url: api.url, account: files });
  expect(await other.source.ask(endpointOf(api), never)).toMatchObject({
    kind: 'down',
    cause: `Cannot use the CA in "${files.caFile}": the file holds no certificate`,
  });
  expect(api.requests).toEqual([]);
});

test.each([
  ['kubelet.example', '"kubelet.example" is no IP address'],
  ['127.0.0.1/evil', '"127.0.0.1/evil" is no IP address'],
  ['', '"" is no IP address'],
  ['fe80::1%eth0', 'Invalid URL'],
])('the address %j is dialled by nobody', async (address, cause) => {
  await using files = await account(first.cert);
  await using kubelet = runningKubelet({ url: 'https://127.0.0.1:1', account: files });
  expect(await kubelet.source.ask({ address, port: 10_250 }, never)).toMatchObject({ kind: 'down', cause });
});

test('a kubelet that is not there is a failure like another', async () => {
  await using files = await account(first.cert);
  await using kubelet = runningKubelet({ url: 'https://127.0.0.1:1', account: files });
  const failure = await kubelet.source.ask({ address: '127.0.0.1', port: 1 }, never);
  expect(failure).toMatchObject({ kind: 'down', cause: 'connect ECONNREFUSED 127.0.0.1:1' });
});
