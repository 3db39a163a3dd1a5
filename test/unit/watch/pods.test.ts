import { expect, test } from 'vitest';
import { podRecord } from '../../../src/watch/pod-record.ts';
import { everything } from '../../../src/watch/selection.ts';
import { podList, scriptedApi, silence, watchThatEnds, watchThatStays } from '../../support/scripted-api.ts';
import type { Step } from '../../support/scripted-api.ts';
import { apiPod, event, known, openAccess, runningWatch } from './running-watch.ts';

test.each([
  [10_000, 5000],
  [600_000, 15_000],
  [0, 0],
])('with a period of %i ms the first list waits for a random part of it, here %i ms', async (period, delay) => {
  await using api = await scriptedApi();
  await using running = runningWatch(api.url, { period });
  await api.request(1);
  expect(running.waits).toEqual([delay]);
});

test('before the first list nothing is known', async () => {
  await using api = await scriptedApi();
  await using running = runningWatch(api.url);
  await api.request(1);
  expect(running.watch.ready).toBe(false);
  expect(running.watch.snapshot().size).toBe(0);
  expect(running.watch.version).toBe(0);
});

test('what the last run knew stands until the first list, and not a moment longer', async () => {
  await using api = await scriptedApi();
  const { pod } = podRecord(apiPod('old'), everything);
  if (pod === undefined) throw new Error('No pod');
  const saved = { snapshot: () => new Map([['old', pod]]), leftOut: () => new Set(['left']) };
  await using running = runningWatch(api.url, { saved });
  await api.request(1);
  expect([running.watch.ready, known(running), [...running.watch.leftOut()]]).toEqual([false, ['old'], ['left']]);
  api.script(podList('10', apiPod('new')));
  await api.request(2);
  expect([running.watch.ready, known(running), [...running.watch.leftOut()]]).toEqual([true, ['new'], []]);
});

test('the age of the watch counts from the last byte that came', async () => {
  await using api = await scriptedApi();
  await using running = runningWatch(api.url);
  expect(running.watch.stats.lastHeardAt).toBe(0);
  api.script(podList('10'), (response) => {
    running.clock.ms = 70_000;
    response.end(`${JSON.stringify(event('ADDED', 'a', '11'))}\n`);
  });
  await api.request(3);
  expect(running.watch.stats.lastHeardAt).toBe(70_000);
});

const halfAList: Step = (response) => {
  response.writeHead(200).flushHeaders();
  response.write('{"kind":"PodList","items":[');
};

test.each([
  ['the answer to a list', [silence()], 1],
  ['the rest of a list', [halfAList], 1],
  ['the answer to a watch', [podList('10'), silence()], 2],
  ['an event', [podList('10'), watchThatStays()], 2],
])('an abort ends the wait for %s', async (_, steps, requests) => {
  await using api = await scriptedApi();
  api.script(...steps);
  await using running = runningWatch(api.url);
  await api.request(requests);
  await running.stop();
  expect(api.requests).toHaveLength(requests);
});

test('pods of other namespaces and pods that opted out are counted, and the rest has what was selected', async () => {
  await using api = await scriptedApi();
  const optedOut = { annotations: { 'podgauge.io/collect': 'false' } };
  const labelled = { labels: { app: 'web', other: 'x' } };
  const selection = { labels: ['app'], annotations: [], namespaces: ['!kube-*'], optOut: true };
  const items = [
    apiPod('a', 'a', labelled),
    apiPod('b', 'b', optedOut),
    apiPod('c', 'c', { namespace: 'kube-system' }),
    apiPod('d', 'NO NAME', { namespace: 'kube-system' }),
  ];
  api.script(podList('10', ...items));
  await using running = runningWatch(api.url, { selection });
  await api.request(2);
  const { watch } = running;
  expect(Array.from(watch.snapshot().values(), ({ name, labels }) => [name, labels])).toEqual([['a', { app: 'web' }]]);
  expect([watch.stats.filtered, running.problems.counts.object]).toEqual([3, 0]);
  const changed = [
    { type: 'MODIFIED', object: apiPod('a', 'a', { ...optedOut, resourceVersion: '11' }) },
    { type: 'MODIFIED', object: apiPod('b', 'b', { resourceVersion: '12' }) },
    event('DELETED', 'c', '13'),
  ];
  api.script(watchThatEnds(...changed));
  await api.request(3);
  expect(Array.from(watch.snapshot().keys())).toEqual(['b']);
  expect(watch.stats.filtered).toBe(2);
});

test('of a server that does not heed the field selector only the pods of this node are taken', async () => {
  await using api = await scriptedApi();
  const bound = (uid: string, nodeName?: string, version = '1') => ({
    ...apiPod(uid, uid, { resourceVersion: version }),
    spec: { nodeName, containers: [{ name: 'main' }] },
  });
  api.script(podList('10', apiPod('a'), bound('b', 'node-2'), bound('c'), bound('d', 'node-11')));
  const events = [
    { type: 'ADDED', object: bound('e', 'node-2', '11') },
    { type: 'MODIFIED', object: bound('c', 'node-1', '12') },
    { type: 'DELETED', object: bound('b', 'node-2', '13') },
  ];
  api.script(watchThatEnds(...events));
  await using running = runningWatch(api.url);
  await api.request(3);
  expect(known(running)).toEqual(['a', 'c']);
  expect([running.watch.stats.filtered, running.problems.counts.object, running.problems.marks]).toEqual([0, 4, 1]);
  const told = 'it is not of this node: the field selector was not heeded';
  expect(running.logged).toEqual([`warn: Pod "default/b": ${told}: ${told}`]);
});

test('an abort ends the delay of the start, and nothing is asked', async () => {
  await using api = await scriptedApi();
  await using running = runningWatch(api.url, { wait: untilAborted });
  await running.stop();
  expect(api.requests).toEqual([]);
});

test('an abort ends the wait after a failure', async () => {
  await using api = await scriptedApi();
  api.script((response) => response.destroy());
  const waiting = Promise.withResolvers<undefined>();
  let waits = 0;
  await using running = runningWatch(api.url, {
    wait: async (ms, signal) => {
      waits += 1;
      if (waits === 1) return;
      waiting.resolve(undefined);
      await untilAborted(ms, signal);
    },
  });
  await waiting.promise;
  await running.stop();
  expect(api.requests).toHaveLength(1);
});

test('an abort ends the wait for credentials that never come', async () => {
  const asked = Promise.withResolvers<undefined>();
  const access = {
    ...openAccess('http://127.0.0.1:1'),
    credentials: () => {
      asked.resolve(undefined);
      return new Promise<never>(() => {});
    },
  };
  await using running = runningWatch('http://127.0.0.1:1', { access });
  await asked.promise;
  await running.stop();
  expect(running.watch.stats.lists).toBe(1);
});

test('a server that is not there is no reason to end', async () => {
  await using running = runningWatch('http://127.0.0.1:1', { until: 60_000 });
  await running.ended;
  expect(running.watch.ready).toBe(false);
  expect(running.logged).toEqual(['warn: Cannot watch the pods of this node: connect ECONNREFUSED 127.0.0.1:1']);
});

test('the pods stay known while the server is away', async () => {
  const first = await scriptedApi();
  first.script(podList('10', apiPod('a')), watchThatStays());
  await using running = runningWatch(first.url, { until: 60_000 });
  await first.request(2);
  await first[Symbol.asyncDispose]();
  await running.ended;
  expect(Array.from(running.watch.snapshot().keys())).toEqual(['a']);
});

async function untilAborted(_ms: number, signal: AbortSignal): Promise<void> {
  await new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });
}
