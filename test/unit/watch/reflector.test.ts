import { afterEach, expect, test, vi } from 'vitest';
import {
  podList,
  refusal,
  scriptedApi,
  silence,
  watchThatEnds,
  watchThatIsCut,
  watchThatStays,
} from '../../support/scripted-api.ts';
import { apiPod, asked, bookmark, event, eventually, known, runningWatch } from './running-watch.ts';

afterEach(() => {
  vi.useRealTimers();
});

test('lists from the cache, watches from there, and follows what happens', async () => {
  await using api = await scriptedApi();
  api.script(podList('10', apiPod('a'), apiPod('b')));
  api.script(watchThatEnds(event('ADDED', 'c', '11'), event('DELETED', 'a', '12'), event('MODIFIED', 'b', '13', 'renamed')));
  await using running = runningWatch(api.url);
  await api.request(3);
  expect(api.requests[0]).toMatchObject({
    path: '/api/v1/pods',
    query: { fieldSelector: 'spec.nodeName=node-1', resourceVersion: '0' },
  });
  expect(api.requests[1]?.path).toBe('/api/v1/pods');
  expect(api.requests[1]?.query).toEqual({
    fieldSelector: 'spec.nodeName=node-1',
    watch: '1',
    allowWatchBookmarks: 'true',
    timeoutSeconds: '450',
    resourceVersion: '10',
  });
  expect(known(running)).toEqual(['b', 'c']);
  expect(running.watch.snapshot().get('b')?.name).toBe('renamed');
  expect(running.watch.ready).toBe(true);
  expect(running.watch.stats).toMatchObject({ lists: 1, starts: 2 });
});

test('a watch that ended goes on from the last event or bookmark, without a list, on the same connection', async () => {
  await using api = await scriptedApi();
  api.script(podList('10'), watchThatEnds(event('ADDED', 'a', '11')), watchThatEnds(bookmark('20')), watchThatEnds());
  await using running = runningWatch(api.url);
  await api.request(5);
  expect(asked(api)).toEqual(['list 0', 'watch 10', 'watch 11', 'watch 20', 'watch 20']);
  expect(new Set(api.requests.map(({ connection }) => connection)).size).toBe(1);
  expect(running.logged).toEqual([]);
});

test('a connection cut in the middle of a line goes on from the last whole event, without a list', async () => {
  await using api = await scriptedApi();
  api.script(podList('10'), watchThatIsCut(event('ADDED', 'a', '11'), '{"type":"ADDED","object":{"metadata":{"uid":"b"'));
  await using running = runningWatch(api.url);
  await api.request(3);
  expect(asked(api)).toEqual(['list 0', 'watch 10', 'watch 11']);
  expect(known(running)).toEqual(['a']);
  expect(running.problems.counts.object).toBe(0);
});

test('a silent connection is given up at the idle limit, and the watch goes on over a new one', async () => {
  await using api = await scriptedApi();
  api.script(podList('10'), watchThatStays(event('ADDED', 'a', '11')));
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  await using running = runningWatch(api.url);
  await eventually(() => known(running).includes('a'));
  vi.advanceTimersByTime(150_000);
  const third = await api.request(3);
  expect(asked(api)).toEqual(['list 0', 'watch 10', 'watch 11']);
  expect(third.connection).toBe(2);
  expect(known(running)).toEqual(['a']);
});

test('a server that takes requests and never answers is asked again, each time on a new connection', async () => {
  await using api = await scriptedApi();
  api.script(silence(), podList('10'), silence());
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  await using running = runningWatch(api.url);
  await api.request(1);
  vi.advanceTimersByTime(12_000);
  await api.request(3);
  vi.advanceTimersByTime(12_000);
  await api.request(4);
  expect(asked(api)).toEqual(['list 0', 'list 0', 'watch 10', 'watch 10']);
  expect(api.requests.map(({ connection }) => connection)).toEqual([1, 2, 2, 3]);
  expect(running.watch.ready).toBe(true);
});

test.each([
  ['HTTP 410', refusal(410, 'too old resource version')],
  ['an ERROR event', watchThatStays({ type: 'ERROR', object: { kind: 'Status', code: 410, message: 'too old' } })],
  ['an ERROR event without a status', watchThatStays({ type: 'ERROR' })],
  ['an ERROR event of something else', watchThatStays({ type: 'ERROR', object: [null, 12] })],
])('after %s a list comes first, not older than what is known', async (_, ending) => {
  await using api = await scriptedApi();
  api.script(podList('10', apiPod('a'), apiPod('b')), ending, podList('50', apiPod('b'), apiPod('c')));
  await using running = runningWatch(api.url);
  await api.request(4);
  expect(asked(api)).toEqual(['list 0', 'watch 10', 'list 10', 'watch 50']);
  expect(known(running)).toEqual(['b', 'c']);
  expect(running.waits).toHaveLength(2);
});

test.each([
  ['HTTP 410', refusal(410, 'too old resource version')],
  ['an ERROR event', watchThatStays({ type: 'ERROR', object: { kind: 'Status', code: 410, message: 'too old' } })],
])('%s to a watch that should go on: a list without a wait, and a watch from there', async (_, ending) => {
  await using api = await scriptedApi();
  api.script(podList('10', apiPod('a'), apiPod('b')), watchThatEnds(bookmark('20')), ending, podList('50', apiPod('b')));
  await using running = runningWatch(api.url);
  await api.request(5);
  expect(asked(api)).toEqual(['list 0', 'watch 10', 'watch 20', 'list 20', 'watch 50']);
  expect(known(running)).toEqual(['b']);
  expect(running.waits).toHaveLength(2);
});

test.each([
  ['after an event', watchThatStays(event('ADDED', 'c', '21'), { type: 'ERROR', object: { code: 410 } })],
  ['of something else', watchThatStays({ type: 'ERROR', object: { code: 500 } })],
])('an ERROR event %s ends all watches at one moment, maybe: the list waits', async (_, ending) => {
  await using api = await scriptedApi();
  api.script(podList('10'), watchThatEnds(bookmark('20')), ending, podList('50', apiPod('b')));
  await using running = runningWatch(api.url);
  await api.request(5);
  expect(asked(api).map((request) => request.split(' ')[0])).toEqual(['list', 'watch', 'watch', 'list', 'watch']);
  expect(running.waits).toHaveLength(3);
});

test('what a watch learns that was silent for long may be told to all nodes at one moment: the list waits', async () => {
  await using api = await scriptedApi();
  await using running = runningWatch(api.url);
  api.script(podList('10'), watchThatEnds(bookmark('20')), async (response) => {
    response.writeHead(200).flushHeaders();
    const heard = running.watch.stats.lastHeardAt;
    running.clock.ms += 1;
    await eventually(() => running.watch.stats.lastHeardAt !== heard);
    running.clock.ms += 13_000;
    response.end('{"type":"ERROR","object":{"code":410}}\n');
  });
  api.script(podList('50', apiPod('b')));
  await api.request(5);
  expect(asked(api)).toEqual(['list 0', 'watch 10', 'watch 20', 'list 20', 'watch 50']);
  expect(running.waits).toHaveLength(3);
});

test('a list refused because the server is behind that version asks for the newest', async () => {
  await using api = await scriptedApi();
  api.script(
    podList('900'),
    refusal(410, 'gone'),
    refusal(504, 'Timeout: Too large resource version: 900, current: 5'),
    podList('5'),
  );
  await using _running = runningWatch(api.url);
  await api.request(5);
  expect(asked(api)).toEqual(['list 0', 'watch 900', 'list 900', 'list newest', 'watch 5']);
});

test.each([500, 401, 403, 502, 504])('a watch refused with %i is tried again without a list', async (status) => {
  await using api = await scriptedApi();
  api.script(podList('10', apiPod('a')), refusal(status, 'no'), refusal(status, 'no'));
  api.script(watchThatEnds(event('DELETED', 'a', '11'), event('ADDED', 'b', '12')));
  await using running = runningWatch(api.url);
  await api.request(5);
  expect(asked(api)).toEqual(['list 0', 'watch 10', 'watch 10', 'watch 10', 'watch 12']);
  expect(known(running)).toEqual(['b']);
});

test('Retry-After is waited for, with the back-off on top', async () => {
  await using api = await scriptedApi();
  api.script(
    refusal(429, 'too many requests', { 'retry-after': '3' }),
    podList('10'),
    refusal(503, 'no', { 'retry-after': '7' }),
  );
  await using running = runningWatch(api.url, { random: () => 0 });
  await api.request(4);
  expect(asked(api)).toEqual(['list 0', 'list 0', 'watch 10', 'watch 10']);
  expect(running.waits).toEqual([0, 3200, 7200]);
});

test('a pod made again under its name, and one deleted, while nobody watched', async () => {
  await using api = await scriptedApi();
  api.script(podList('10', apiPod('old', 'db-0'), apiPod('gone')), refusal(410, 'gone'), podList('50', apiPod('new', 'db-0')));
  await using running = runningWatch(api.url);
  await api.request(4);
  expect(known(running)).toEqual(['new']);
  expect(running.watch.snapshot().get('new')?.name).toBe('db-0');
});

test('an event that changes nothing the agent keeps leaves the snapshot as it is', async () => {
  await using api = await scriptedApi();
  api.script(podList('10', apiPod('a')));
  await using running = runningWatch(api.url);
  await api.request(2);
  const { version } = running.watch;
  const before = running.watch.snapshot();
  api.script(watchThatEnds(event('MODIFIED', 'a', '11'), bookmark('12')));
  await api.request(3);
  expect(asked(api)).toEqual(['list 0', 'watch 10', 'watch 12']);
  expect(running.watch.version).toBe(version);
  expect(running.watch.snapshot()).toBe(before);
});

test('a list is taken now and then although nothing is known to be missed', async () => {
  await using api = await scriptedApi();
  await using running = runningWatch(api.url);
  api.script(podList('10', apiPod('a')), (response) => {
    running.clock.ms += 45 * 60_000;
    response.end();
  });
  api.script(podList('20'));
  await api.request(4);
  expect(asked(api)).toEqual(['list 0', 'watch 10', 'list 10', 'watch 20']);
  expect(known(running)).toEqual([]);
});

test('a failure that lasts is logged once, and once that it is over', async () => {
  await using api = await scriptedApi();
  api.script(podList('10'), ...Array.from({ length: 5 }, () => refusal(403, 'pods is forbidden')), watchThatEnds());
  await using running = runningWatch(api.url);
  await api.request(8);
  expect(running.logged).toEqual([
    'warn: Cannot watch the pods of this node: HTTP 403: pods is forbidden',
    'info: Watching the pods of this node again',
  ]);
});
