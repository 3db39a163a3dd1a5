/** What no API server should say. */
import { expect, test } from 'vitest';
import { body, podList, refusal, scriptedApi, watchThatEnds, watchThatStays } from '../../support/scripted-api.ts';
import { apiPod, asked, event, known, runningWatch } from './running-watch.ts';

test.each([
  ['is no JSON', '{"type":"ADDED",\n'],
  ['is no event', '{"type":"WISH","object":{}}\n'],
  ['is too long', `{"type":"ADDED","object":"${'x'.repeat(4_194_304)}"}\n`],
])('a line that %s is counted, and a list makes good what it may have said', async (_, line) => {
  await using api = await scriptedApi();
  api.script(
    podList('10', apiPod('a')),
    watchThatStays(event('ADDED', 'b', '11'), line),
    podList('12', apiPod('a'), apiPod('b')),
  );
  await using running = runningWatch(api.url);
  await api.request(4);
  expect(asked(api)).toEqual(['list 0', 'watch 10', 'list 11', 'watch 12']);
  expect(known(running)).toEqual(['a', 'b']);
  expect(running.problems.counts.object).toBe(1);
});

test('an object that is no pod costs no other pod anything and is counted', async () => {
  await using api = await scriptedApi();
  api.script(podList('10', {}, apiPod('a'), { metadata: 'x' }));
  api.script(watchThatEnds({ type: 'ADDED', object: { metadata: { resourceVersion: '11' } } }, event('ADDED', 'b', '12')));
  await using running = runningWatch(api.url);
  await api.request(3);
  expect(known(running)).toEqual(['a', 'b']);
  expect(running.problems.counts.object).toBe(3);
  expect(running.logged).toEqual(['warn: Pod "?/?": metadata.uid is not a UID: metadata.uid is not a UID']);
});

test('a pod with a megabyte of labels is a pod', async () => {
  await using api = await scriptedApi();
  const labels = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`label-${index}`, 'x'.repeat(100)]));
  api.script(podList('10', apiPod('a', 'a', { labels }), apiPod('b')));
  api.script(watchThatEnds({ type: 'MODIFIED', object: apiPod('b', 'b2', { labels, resourceVersion: '11' }) }));
  await using running = runningWatch(api.url);
  await api.request(3);
  expect(Array.from(running.watch.snapshot().values(), ({ name }) => name)).toEqual(['a', 'b2']);
});

test.each([
  ['no JSON', body('<html>Sign in</html>')],
  ['JSON of something else', body('{"kind":"Status","metadata":{"resourceVersion":"9"}}')],
  ['a list without a version', body('{"kind":"PodList","items":[]}')],
  ['half a list', body('{"kind":"PodList","metadata":{"resourceVersion":"60"},"items":[{"metadata"')],
])('an answer that is %s is never taken for a list of no pods', async (_, answer) => {
  await using api = await scriptedApi();
  api.script(podList('10', apiPod('a')), refusal(410, 'gone'), answer);
  await using running = runningWatch(api.url);
  await api.request(4);
  expect(asked(api).at(-1)).toBe('list 10');
  expect(known(running)).toEqual(['a']);
});
