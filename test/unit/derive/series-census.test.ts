import { expect, test } from 'vitest';
import { createSeriesCensus } from '../../../src/derive/series-census.ts';
import { markOf } from '../../../src/derive/sketch.ts';

const hour = 3_600_000;

function census() {
  const time = { value: 5000 };
  const counted = createSeriesCensus(() => time.value);
  return {
    counted,
    count: (key: string) => counted.count('k8s_pod', markOf(Buffer.from(key))),
    /** Moves on by so many hours and counts these in each, as the encoder does. */
    pass(hours: number, ...keys: readonly string[]) {
      for (let i = 0; i < hours; i += 1) {
        time.value += hour;
        counted.advance();
        for (const key of keys) counted.count('k8s_pod', markOf(Buffer.from(key)));
      }
    },
    jump(hours: number) {
      time.value += hours * hour;
      counted.advance();
    },
  };
}

test('counts by measurement, and all together', () => {
  const { counted } = census();
  for (const key of ['a', 'b', 'a']) counted.count('k8s_pod', markOf(Buffer.from(key)));
  counted.count('k8s_node', markOf(Buffer.from('a')));
  expect([counted.total, [...counted.byMeasurement]]).toEqual([
    3,
    [
      ['k8s_pod', 2],
      ['k8s_node', 1],
    ],
  ]);
});

test('a series that is written for two days is live, one that ended is not a day later', () => {
  const { counted, count, pass } = census();
  count('ended');
  count('lives');
  pass(23, 'lives');
  expect(counted.total).toBe(2);
  pass(25, 'lives');
  expect(counted.total).toBe(1);
});

test('the hour goes on with the clock alone', () => {
  const { counted, jump } = census();
  jump(0.99);
  expect(counted.hour).toBe(0);
  jump(0.01);
  expect(counted.hour).toBe(1);
});

test('a node that slept for days has nothing live', () => {
  const { counted, count, jump } = census();
  count('ended');
  jump(1000);
  expect([counted.hour, counted.total]).toEqual([1000, 0]);
});
