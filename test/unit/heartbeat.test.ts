import { expect, test } from 'vitest';
import type { CycleReport } from '../../src/agent.ts';
import { createMeters } from '../../src/collect/meters.ts';
import type { Tracker } from '../../src/collect/tracker.ts';
import { createRates } from '../../src/derive/rates.ts';
import { createHeartbeat } from '../../src/heartbeat.ts';
import { createDescriptors } from '../../src/host/descriptors.ts';
import type { Measurement } from '../../src/metrics/measurements.ts';
import type { Sample } from '../../src/model.ts';
import type { Own } from '../../src/own.ts';
import { createProblems } from '../../src/problems.ts';
import type { Problem, ProblemKind } from '../../src/problems.ts';
import { createProgress } from '../../src/progress.ts';
import type { PodWatch } from '../../src/watch/pods.ts';
import type { Writer } from '../../src/write/writer.ts';
import { expectedPoints } from '../support/expected-points.ts';
import { fieldsOf } from './metrics/fields-of.ts';

const nodeTags = { cluster: 'c', node: 'n' };
const nothing = (): void => undefined;
const never = (): Promise<never> => Promise.reject(new Error('Nobody asks for this'));

const tracker: Tracker = { units: [], pods: 3, containers: 5, update: nothing, close: nothing };
const writer: Writer = {
  write: () => 0,
  flush: nothing,
  run: never,
  close: never,
  stats: { sent: 21, rejected: 22, dropped: 23, bytes: 24, failed: 25, skipped: 26, waiting: 27, batches: 28 },
};
const watch: PodWatch = {
  snapshot: () => new Map(),
  leftOut: () => new Set(),
  ready: true,
  version: 1,
  stats: { lists: 31, starts: 32, lastHeardAt: 1000, filtered: 33 },
  run: never,
};

function report(change: Partial<CycleReport> = {}): CycleReport {
  return { time: 1_700_000_000_000, sequence: 1, points: 7, durationMilliseconds: 12.5, late: 2, skipped: 4, ...change };
}

function heartbeatOf(change: Partial<Own> = {}) {
  const own = { cpuNanoseconds: 5_000_000, rssBytes: 70_000_000 };
  const series = new Map<Measurement, number>();
  const meters = createMeters();
  const problems = createProblems({ debug: nothing, info: nothing, warn: nothing, error: nothing });
  const rates = createRates();
  const descriptors = createDescriptors({ max: 10 });
  const census = {
    hour: 0,
    count: nothing,
    advance: nothing,
    get byMeasurement() {
      return series.entries();
    },
    total: 41,
  };
  const podTags = { of: () => ({}), sweep: nothing, folded: 42 };
  const now = (): number => 4600;
  const parts: Own = {
    startedAt: 1_699_999_990_000,
    progress: createProgress(now),
    tracker,
    rates,
    descriptors,
    problems,
    writer,
    queueMaxBytes: 1000,
    watch,
    held: { points: 34, givenUp: 35 },
    savingProblems: { counts: { gone: 0, denied: 36, malformed: 0, slow: 0, object: 0, fault: 0 } },
    meters,
    cardinality: { census, podTags },
    now,
    usage: () => ({ ...own }),
    ...change,
  };
  const beat = createHeartbeat(parts, nodeTags);
  return { beat, own, series, meters, problems, rates, descriptors };
}

function named({ measurement, tags, time, values }: Sample) {
  return { measurement, tags, time, fields: fieldsOf(measurement, values) };
}

function fieldsOfFirst(samples: readonly Sample[]) {
  const [first] = samples;
  if (first === undefined) throw new Error('No heartbeat');
  return named(first).fields;
}

const of = (samples: readonly Sample[], measurement: Measurement): readonly Sample[] =>
  samples.filter((sample) => sample.measurement === measurement);

test('it says what was read, what is kept, what went wrong, what was sent, and what that took', () => {
  const { beat, problems, rates, descriptors } = heartbeatOf();
  const kinds: readonly ProblemKind[] = ['gone', 'denied', 'malformed', 'slow', 'object', 'fault'];
  for (const [index, kind] of kinds.entries()) {
    const problem: Problem = { kind, owner: 'u1', cause: kind, message: kind };
    for (let count = 0; count <= index; count += 1) problems.report(problem);
  }
  rates.cpu('/a', { usageNanoseconds: 1, periods: undefined, throttledPeriods: undefined, at: 0, inode: 1 });
  descriptors.take();
  descriptors.take();
  expect(beat(report()).map(named)).toEqual([
    {
      measurement: 'podgauge',
      tags: nodeTags,
      time: 1_700_000_000_000,
      fields: expectedPoints.heartbeat.fields,
    },
  ]);
});

test('without an API server nothing is said of a watch', () => {
  const { beat } = heartbeatOf({ watch: undefined });
  const fields = Object.keys(fieldsOfFirst(beat(report())));
  expect(fields.filter((field) => /^watch|^pods_filtered|^saved/.test(field))).toEqual([]);
});

test('the CPU of a cycle is what was used since the heartbeat before', () => {
  const { beat, own } = heartbeatOf();
  beat(report());
  own.cpuNanoseconds += 250;
  expect(fieldsOfFirst(beat(report())).cycle_cpu_nanoseconds).toBe(250);
  expect(fieldsOfFirst(beat(report())).cycle_cpu_nanoseconds).toBe(0);
});

test('each collector that was used is a point: how often, and how long in all; the tags are the same objects', () => {
  const { beat, meters } = heartbeatOf();
  Object.assign(meters.memory, { milliseconds: 1.5, reads: 12 });
  Object.assign(meters.filesystems, { milliseconds: 0, reads: 1 });
  const first = of(beat(report()), 'podgauge_collector');
  expect(first.map(named)).toEqual([
    {
      measurement: 'podgauge_collector',
      tags: { ...nodeTags, collector: 'memory' },
      time: 1_700_000_000_000,
      fields: expectedPoints.collector.fields,
    },
    {
      measurement: 'podgauge_collector',
      tags: { ...nodeTags, collector: 'filesystems' },
      time: 1_700_000_000_000,
      fields: { duration_nanoseconds: 0, reads: 1 },
    },
  ]);
  const second = of(beat(report()), 'podgauge_collector');
  for (const [index, { tags }] of second.entries()) expect(tags).toBe(first[index]?.tags);
});

test('the series of a measurement are written when their number changed, and every 5 minutes', () => {
  const { beat, series } = heartbeatOf();
  const at = (minutes: number): readonly (readonly [unknown, unknown])[] =>
    of(beat(report({ time: minutes * 60_000 })), 'podgauge_series').map(({ tags, values }) => [
      tags['measurement'],
      fieldsOf('podgauge_series', values).series,
    ]);
  series.set('k8s_pod', 10);
  series.set('k8s_node', 1);
  const both = [
    ['k8s_pod', expectedPoints.series.fields.series],
    ['k8s_node', 1],
  ];
  expect(at(10)).toEqual(both);
  expect(at(14.9)).toEqual([]);
  expect(at(15)).toEqual(both);
  series.set('k8s_pod', 11);
  expect(at(16)).toEqual([['k8s_pod', 11]]);
  expect(at(20)).toEqual([['k8s_node', 1]]);
  expect(at(21)).toEqual([['k8s_pod', 11]]);
});

test('a clock that was set back holds up nothing', () => {
  const { beat, series } = heartbeatOf();
  series.set('k8s_pod', 10);
  const counted = (time: number): number => of(beat(report({ time })), 'podgauge_series').length;
  expect([counted(10_000_000), counted(10_000_001), counted(1_000_000)]).toEqual([1, 0, 1]);
});
