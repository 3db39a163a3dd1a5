import { expect, test } from 'vitest';
import { checkPodsFound, podKinds } from '../../../src/check/pods-found.ts';
import type { Pod } from '../../../src/model.ts';
import { targetOf } from '../locate/pod-processes.ts';
import { createSeen } from './seen.ts';

const seen = createSeen(podKinds);
const { pod: base } = targetOf([], []);

function pod(name: string, api: Partial<Pod['api']> = {}, state: Pod['containers'][number]['state'] = 'running'): Pod {
  const running = { phase: 'Running', terminating: false, requests: {}, limits: {}, ...api };
  return { ...base, uid: name, name, containers: [{ name: 'main', state }], api: running };
}

function told(pods: readonly Pod[], found: readonly string[]): string | undefined {
  const targets = pods.filter(({ uid }) => found.includes(uid)).map((each) => ({ ...targetOf([], []), pod: each }));
  return seen.told([checkPodsFound(new Map(pods.map((each) => [each.uid, each])), targets, found.length)])[0];
}

test('all are found; those that do not run, not yet or no more, need not be', () => {
  const others = [pod('new', {}, 'waiting'), pod('done', { phase: 'Succeeded' }), pod('going', { terminating: true })];
  expect(told([pod('a'), pod('b'), ...others], ['a', 'b'])).toBe('all: 2 of 2 that run by the API server, of 2 in the cgroups');
});

test('some and none are found, and three of the missing are named', () => {
  const pods = ['a', 'b', 'c', 'd', 'e'].map((name) => pod(name));
  expect(told(pods, ['a'])).toBe(
    'some: 1 of 5 that run by the API server, of 1 in the cgroups; missing: shop/b, shop/c, shop/d and 1 more',
  );
  expect(told(pods.slice(0, 2), [])).toBe(
    'none: 0 of 2 that run by the API server, of 0 in the cgroups; missing: shop/a, shop/b',
  );
});

test('nothing runs', () => {
  expect(told([], [])).toBe('idle: 0 of 0 that run by the API server, of 0 in the cgroups');
});

test('each kind was seen', () => {
  expect(seen.unseen()).toEqual([]);
});
