import { describe, expect, test } from 'vitest';
import { createOomKills } from '../../../src/collect/oom-kills.ts';
import type { Container, ContainerState, Pod, Termination } from '../../../src/model.ts';
import { target } from './target-of.ts';

const startedAt = 1_000_500;

/** Kills of one pod. */
function podOf(inCgroups: boolean, exists = (): boolean => false) {
  const clock = { ahead: 0 };
  const kills = createOomKills({ inCgroups, startedAt: () => startedAt + clock.ahead, exists });
  return { kills, clock, pod: kills.hold('u1') };
}

function end(run: string, change: Partial<Termination> = {}): Termination {
  return { reason: 'OOMKilled', exitCode: 137, finishedAt: 2_000_000, containerId: run, ...change };
}

function container(name: string, ends: Pick<ContainerState, 'termination' | 'lastTermination'>): Container {
  return { name, state: 'waiting', api: { kind: 'container', requests: {}, limits: {}, ...ends } };
}

function pod(...containers: readonly Container[]): Pod {
  return target({ api: { terminating: false, requests: {}, limits: {} } }, containers).pod;
}

describe('what the API server tells', () => {
  test('counts each end once: as the present one, again as the last one, and however often it is told', () => {
    const { pod: kills } = podOf(false);
    kills.told(pod(container('app', { termination: end('a') })));
    kills.told(pod(container('app', { termination: end('a') })));
    expect([kills.count, kills.endsOf('app')]).toEqual([1, 1]);
    kills.told(pod(container('app', { lastTermination: end('a') })));
    kills.told(pod(container('app', { lastTermination: end('a'), termination: end('b') })));
    kills.told(pod(container('app', { lastTermination: end('a'), termination: end('b') })));
    kills.told(pod(container('app', { lastTermination: end('b') })));
    expect([kills.count, kills.endsOf('app')]).toEqual([2, 2]);
  });

  test('adds up the containers of the pod', () => {
    const { pod: kills } = podOf(false);
    kills.told(pod(container('app', { termination: end('a') }), container('init', { lastTermination: end('b') })));
    expect([kills.count, kills.endsOf('app'), kills.endsOf('init'), kills.endsOf('other')]).toEqual([2, 1, 1, 0]);
  });

  test('is known by its times where a run has no id', () => {
    const { pod: kills } = podOf(false);
    const nameless = { reason: 'OOMKilled', startedAt: 1_900_000, finishedAt: 2_000_000 };
    kills.told(pod(container('app', { termination: nameless })));
    kills.told(pod(container('app', { lastTermination: nameless })));
    kills.told(pod(container('app', { lastTermination: { ...nameless, finishedAt: 2_001_000 } })));
    expect(kills.count).toBe(2);
  });

  test('is no kill where the container ended for another reason', () => {
    const { pod: kills } = podOf(false);
    kills.told(pod(container('app', { termination: end('a', { reason: 'Error' }), lastTermination: end('b') })));
    kills.told(pod(container('app', { termination: end('c', { reason: undefined }), lastTermination: end('b') })));
    expect(kills.count).toBe(1);
  });

  test('is no new kill from before podgauge started, by whole seconds, nor without a time', () => {
    const { pod: kills } = podOf(false);
    kills.told(pod(container('app', { lastTermination: end('a', { finishedAt: 999_000 }) })));
    kills.told(pod(container('app', { lastTermination: end('b', { finishedAt: undefined }) })));
    expect(kills.count).toBe(0);
    kills.told(pod(container('app', { lastTermination: end('c', { finishedAt: 1_000_000 }) })));
    expect(kills.count).toBe(1);
  });
});

test('an end after the clock was set back is new, and so is one from before that is told of late', () => {
  const { pod: kills, clock } = podOf(false);
  kills.told(pod(container('app', { termination: end('a', { finishedAt: 1_001_000 }) })));
  clock.ahead = -500_000;
  kills.told(pod(container('app', { termination: end('b', { finishedAt: 501_000 }) })));
  expect(kills.count).toBe(2);
  kills.told(pod(container('app', { termination: end('c', { finishedAt: 499_000 }) })));
  expect(kills.count).toBe(2);
  clock.ahead = 0;
  kills.told(pod(container('app', { termination: end('d', { finishedAt: 502_000 }) })));
  expect(kills.count).toBe(3);
});

describe('the count of a pod', () => {
  test('is not known before something is: on v2 that is the cgroup, on v1 the API server', () => {
    const [v1, v2] = [podOf(false).pod, podOf(true).pod];
    expect([v1.count, v2.count]).toEqual([undefined, undefined]);
    for (const kills of [v1, v2]) kills.told(pod(container('app', {})));
    expect([v1.count, v2.count]).toEqual([0, undefined]);
    v2.counted(0);
    expect(v2.count).toBe(0);
  });

  test('of a pod that no API server knows is that of its cgroup alone', () => {
    const { pod: kills } = podOf(false);
    kills.told(target().pod);
    expect(kills.count).toBe(undefined);
  });

  test('is what the cgroup counts, of which the ends that were told are a part', () => {
    const { pod: kills } = podOf(true);
    kills.counted(3);
    kills.told(pod(container('app', { termination: end('a') })));
    expect(kills.count).toBe(3);
  });

  test('is what was told where the cgroup was gone before it could be read', () => {
    const { pod: kills } = podOf(true);
    kills.counted(0);
    kills.told(pod(container('app', { termination: end('a') })));
    expect(kills.count).toBe(1);
  });

  test('is exact at any size', () => {
    const { pod: kills } = podOf(true);
    kills.counted(2n ** 63n);
    expect(kills.count).toBe(2n ** 63n);
  });
});

test('a count of the cgroup that rose is told from one that did not', () => {
  const { pod: kills } = podOf(true);
  expect([0, 2, 2, 3, 1, 1, 2].map((count) => kills.counted(count))).toEqual([false, true, false, true, false, false, true]);
});

describe('what is kept of a pod', () => {
  test('is the same for all who hold it', () => {
    const { kills, pod: one } = podOf(true);
    one.counted(4);
    const other = kills.hold('u1');
    one.release();
    expect([other.count, kills.hold('u2').count]).toEqual([4, undefined]);
  });

  test('is forgotten when nobody holds it and the pod is gone', () => {
    const { kills, pod: one } = podOf(true);
    one.counted(4);
    one.release();
    expect(kills.hold('u1').count).toBe(undefined);
  });

  test('outlives its cgroup while the pod is there: who tells of its end may come later', () => {
    const gone = new Set<string>();
    const { kills, pod: one } = podOf(true, () => gone.size === 0);
    one.counted(4);
    one.release();
    const second = kills.hold('u1');
    expect(second.count).toBe(4);
    second.release();
    gone.add('u1');
    kills.hold('u2');
    expect(kills.hold('u1').count).toBe(undefined);
  });
});
