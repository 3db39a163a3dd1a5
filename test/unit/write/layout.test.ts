import { expect, test } from 'vitest';
import { measurements } from '../../../src/metrics/measurements.ts';
import type { Measurement } from '../../../src/metrics/measurements.ts';
import { rowsOf, indexesOf } from '../../../src/metrics/table.ts';
import { blankOf } from '../../../src/metrics/values.ts';
import type { Sample } from '../../../src/model.ts';
import { createLayout } from '../../../src/write/layout.ts';
import { createEncoder } from '../../../src/write/line-protocol.ts';

const additions = { podTags: ['team', 'app'], infoFields: ['label_version'] };

function keysOf(measurement: Measurement): string[] {
  const { prefix } = createLayout(measurement, additions).series({});
  const [, ...pairs] = Buffer.from(prefix).toString().split(',');
  return pairs.map((pair) => pair.slice(0, pair.indexOf('=')));
}

test.each(Object.keys(measurements).filter((name): name is Measurement => name in measurements))(
  'the tags of %s are sorted, with those of pods where it is about one',
  (measurement) => {
    const own: readonly string[] = measurements[measurement].tags;
    const all = own.includes('pod') ? [...own, 'app', 'team'] : own;
    expect(keysOf(measurement)).toEqual(all.toSorted());
  },
);

function lines(samples: readonly Sample[], options: Parameters<typeof createEncoder>[0]): string[] {
  const encoder = createEncoder(options);
  for (const sample of samples) encoder.add(sample);
  return encoder
    .take()
    .flatMap(({ body }) => body.toString().split('\n'))
    .filter((line) => line !== '');
}

test('what was added to the table stands after it, quoted as other strings, and empty where it is none', () => {
  const known = blankOf('k8s_pod_info');
  known[indexesOf('k8s_pod_info').uid ?? 0] = 'u1';
  const tags = { pod: 'p', team: 'a b' };
  const samples = ['say "1"\n', ''].map((version): Sample => {
    return { measurement: 'k8s_pod_info', tags, values: [...known, version], time: 1_700_000_000_123 };
  });
  const series =
    'k8s_pod_info,app=none,cluster=none,namespace=none,node=none,pod=p,qos=none,team=a\\ b,workload=none,workload_kind=none';
  expect(lines(samples, { additions })).toEqual([
    `${series} uid="u1",label_version="say \\"1\\" " 1700000000123000000`,
    `${series} uid="u1",label_version="" 1700000000123000000`,
  ]);
});

test('a long text in an added field finds room', () => {
  const many = Array.from({ length: 60 }, (_, i) => `label_${'n'.repeat(60)}_${i}`);
  const values = [...blankOf('k8s_pod_info'), ...many.map(() => '"'.repeat(4096))];
  const [line = ''] = lines([{ measurement: 'k8s_pod_info', tags: {}, values, time: 1 }], {
    additions: { podTags: [], infoFields: many },
  });
  expect(line.split('label_').length - 1).toBe(60);
  expect(line.endsWith(' 1000000')).toBe(true);
});

test('each series that is written is counted once an hour, and none that has nothing to say', () => {
  const counted: string[] = [];
  const census = { hour: 0, count: (measurement: string, mark: number) => void counted.push(`${measurement} ${mark}`) };
  const encoder = createEncoder({ census });
  const sample: Sample = {
    measurement: 'podgauge',
    tags: { node: 'n' },
    values: rowsOf('podgauge').map(() => 1),
    time: 1_700_000_000_123,
  };
  encoder.add({ ...sample, values: [] });
  expect(counted).toEqual([]);
  for (let i = 0; i < 3; i += 1) encoder.add(sample);
  encoder.add({ ...sample, tags: { node: 'other' } });
  expect(counted.length).toBe(2);
  census.hour = 1;
  encoder.add(sample);
  expect(counted.length).toBe(3);
  expect(counted[2]).toBe(counted[0]);
});
