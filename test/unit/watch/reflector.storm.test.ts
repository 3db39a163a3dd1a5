/** What the API server has to bear when everything goes wrong: requests counted over ten minutes of the watch's own clock. */
import { expect, test } from 'vitest';
import { podList, refusal, scriptedApi, watchThatEnds, watchThatIsCut } from '../../support/scripted-api.ts';
import type { Step } from '../../support/scripted-api.ts';
import { event, runningWatch } from './running-watch.ts';

const tenMinutes = 600_000;

async function requestsOf(steps: (index: number) => Step, random: number, until = tenMinutes): Promise<number> {
  await using api = await scriptedApi();
  api.script(...Array.from({ length: 1000 }, (_, index) => steps(index)));
  await using running = runningWatch(api.url, { until, random: () => random });
  await running.ended;
  return api.requests.length;
}

const listThen = (step: Step) => (index: number) => (index === 0 ? podList('10') : step);

test.each([
  ['ends each watch at once', listThen(watchThatEnds())],
  ['ends each watch after an event', listThen(watchThatEnds(event('ADDED', 'a', '11')))],
  ['cuts each watch', listThen(watchThatIsCut())],
  ['refuses each watch with 500', listThen(refusal(500, 'no'))],
  ['refuses each list with 500', () => refusal(500, 'no')],
])('a server that %s is asked every 7.6 s', async (_, steps) => {
  expect(await requestsOf(steps, 0.5)).toBeOneOf([82, 83, 84]);
});

test('a server that calls each version too old is asked for a list and a watch every 7.6 s', async () => {
  const steps = (index: number) => (index % 2 === 0 ? podList('10') : refusal(410, 'gone'));
  expect(await requestsOf(steps, 0.5)).toBeOneOf([164, 165, 166]);
});

test('a server that forgets each version at once is asked for a list and two watches every 7.6 s', async () => {
  const steps = (index: number) => [podList('10'), watchThatEnds(), refusal(410, 'gone')][index % 3] ?? watchThatEnds();
  expect(await requestsOf(steps, 0.5)).toBeOneOf([244, 245, 246, 247]);
});

test('a server that refuses every token is asked twice every 7.6 s', async () => {
  expect(await requestsOf(() => refusal(401, 'no'), 0.5)).toBeOneOf([164, 165, 166]);
});

test('the unluckiest chance makes it five requests a second', async () => {
  expect(await requestsOf(listThen(watchThatEnds()), 0, 60_000)).toBe(301);
});
