import { expect, test } from 'vitest';
import { unnamed } from '../../../src/collect/pod-tags.ts';
import { valuesOf } from '../../../src/metrics/values.ts';
import type { Fields, Sample } from '../../../src/model.ts';
import { fieldsOf } from '../metrics/fields-of.ts';
import { bounds, ofContainer, ofPod, pod, running, scene } from './held-scene.ts';

function shown(samples: readonly Sample[]): readonly string[] {
  return samples.map(({ measurement, tags, values, time }) => {
    const series = [tags['pod'], tags['container'], tags['interface'] ?? tags['device']].filter((part) => part !== undefined);
    return [measurement, ...series, JSON.stringify(fieldsOf(measurement, values)), time].join(' ');
  });
}

test('what has a name goes through untouched', () => {
  const { held, podTags } = scene();
  const samples: readonly Sample[] = [
    { measurement: 'k8s_pod', tags: podTags.of(pod('u1')), values: valuesOf('k8s_pod', { pids: 1 }), time: 1 },
  ];
  expect(held.take(samples)).toBe(samples);
  expect(held.stats.points).toBe(0);
});

test('what has none is written when it has, under its own time, the oldest first', () => {
  const { held, list } = scene();
  for (const time of [1, 2]) expect(held.take([ofPod('u1', time), ofContainer('u1', 'aa', time)])).toEqual([]);
  expect([held.named(), held.stats.points]).toEqual([[], 4]);
  list(pod('u1', [running('aa')]), pod('u2'));
  expect(shown(held.named())).toEqual([
    'k8s_pod name-of-u1 {"pids":1} 1',
    'k8s_container name-of-u1 name-of-aa {"pids":1} 1',
    'k8s_pod name-of-u1 {"pids":2} 2',
    'k8s_container name-of-u1 name-of-aa {"pids":2} 2',
  ]);
  expect([held.named(), held.stats]).toEqual([[], { points: 0, givenUp: 0 }]);
});

test('values are what they were, at any size, and all tags are those of the pod and of the series', () => {
  const { held, list, podTags } = scene();
  const fields: Fields = {
    cpu_usage_core_nanoseconds: 2n ** 63n - 1n,
    memory_usage_bytes: 2 ** 53 - 1,
    cpu_pressure_some_avg10_percent: 0.25,
  };
  const network: Sample = {
    measurement: 'k8s_pod_network',
    tags: { [unnamed]: 'u1', interface: 'eth0' },
    values: valuesOf('k8s_pod_network', { rx_bytes: 0, is_default: true }),
    time: 7,
  };
  held.take([ofPod('u1', 7, fields), network]);
  const own = pod('u1');
  list(own);
  const [first, second] = held.named();
  expect(first).toEqual({ measurement: 'k8s_pod', tags: podTags.of(own), values: valuesOf('k8s_pod', fields), time: 7 });
  expect(second).toEqual({ ...network, tags: { ...podTags.of(own), interface: 'eth0' } });
});

test('a pod that comes after the list, and a container whose id is told later, are waited for', () => {
  const { held, list, logged } = scene();
  held.take([ofPod('u1', 1), ofContainer('u1', 'aa', 1)]);
  list();
  expect(held.named()).toEqual([]);
  list(pod('u1'));
  expect(shown(held.named())).toEqual(['k8s_pod name-of-u1 {"pids":1} 1']);
  list(pod('u1', [running('aa')]));
  expect(shown(held.named())).toEqual(['k8s_container name-of-u1 name-of-aa {"pids":1} 1']);
  expect(logged).toEqual([]);
});

test('a run that is over has the name of its container', () => {
  const { held, list } = scene();
  held.take([ofContainer('u1', 'old', 1)]);
  const api = { kind: 'container', requests: {}, limits: {}, lastTermination: { containerId: 'old' } } as const;
  list(pod('u1', [{ name: 'app', id: 'new', state: 'running', api }]));
  expect(shown(held.named())).toEqual(['k8s_container name-of-u1 app {"pids":1} 1']);
});

test('what nobody names in time is counted out, and told of once', () => {
  const { held, list, clock, logged } = scene();
  held.take([ofPod('u1', 1), ofContainer('u1', 'aa', 1)]);
  clock.ms = bounds.age;
  list(pod('u2'));
  expect([held.named(), held.stats]).toEqual([[], { points: 2, givenUp: 0 }]);
  clock.ms += 1;
  expect([held.named(), held.stats]).toEqual([[], { points: 0, givenUp: 2 }]);
  held.take([ofPod('u3', 2)]);
  clock.ms += bounds.age + 1;
  held.named();
  expect(held.stats.givenUp).toBe(3);
  expect(logged).toEqual(['warn: Points are given up: the API server has not named their pods in time']);
});

test('while nobody names anything it stays within its bounds, and keeps what is newest', () => {
  const { held, list, clock } = scene({ bytes: 10_000 });
  for (let time = 1; time <= 200; time += 1) {
    clock.ms = time * 1000;
    held.take([ofPod('u1', time)]);
  }
  const { points, givenUp } = held.stats;
  expect(points + givenUp).toBe(200);
  expect(points).toBeGreaterThan(5);
  expect(points).toBeLessThan(40);
  list(pod('u1'));
  expect(held.named().map(({ time }) => time)).toEqual(Array.from({ length: points }, (_, i) => 201 - points + i));
});

test('it hands out a part at a time', () => {
  const { held, list } = scene({ step: 500 });
  for (let time = 1; time <= 50; time += 1) held.take([ofPod('u1', time)]);
  list(pod('u1'));
  const parts: number[][] = [];
  while (held.stats.points > 0) parts.push(held.named().map(({ time }) => time));
  expect(parts.length).toBeGreaterThan(3);
  expect(parts.flat()).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
});

test('pods that are left out are let go without a word, pods that are folded are counted out', () => {
  const left = scene();
  left.held.take([ofPod('u1', 1)]);
  left.list();
  left.state.leftOut.add('u1');
  expect([left.held.named(), left.held.stats, left.logged]).toEqual([[], { points: 0, givenUp: 0 }, []]);
  const folded = scene({}, 'workload');
  folded.held.take([ofPod('u1', 1)]);
  folded.list(pod('u1'));
  expect([folded.held.named(), folded.held.stats]).toEqual([[], { points: 0, givenUp: 1 }]);
});

test('what was read of a network is no pod’s where that turns out to be the host’s', () => {
  const { held, list } = scene();
  const network: Sample = {
    measurement: 'k8s_pod_network',
    tags: { [unnamed]: 'u1', interface: 'eth0' },
    values: valuesOf('k8s_pod_network', { rx_bytes: 1 }),
    time: 1,
  };
  held.take([ofPod('u1', 1, { pids: 1, sockets: 5, tcp_sockets: 2 }), network]);
  list(pod('u1', [], { hostNetwork: true }));
  expect(shown(held.named())).toEqual(['k8s_pod name-of-u1 {"pids":1} 1']);
});

test('a static pod is found by its containers, and a UID in an annotation alone proves nothing', () => {
  const { held, list } = scene();
  held.take([ofPod('hash', 1), ofContainer('hash', 'aa', 1)]);
  list(pod('forged', [running('bb')], { cgroupUid: 'hash' }));
  expect(held.named()).toEqual([]);
  list(pod('forged', [running('bb')], { cgroupUid: 'hash' }), pod('mirror', [running('aa')], { cgroupUid: 'hash' }));
  expect(shown(held.named())).toEqual([
    'k8s_pod name-of-mirror {"pids":1} 1',
    'k8s_container name-of-mirror name-of-aa {"pids":1} 1',
  ]);
});

test('an id that two pods have names nothing', () => {
  const { held, list } = scene();
  held.take([ofContainer('hash', 'aa', 1)]);
  list(pod('one', [running('aa')]), pod('two', [running('aa')]));
  expect(held.named()).toEqual([]);
});
