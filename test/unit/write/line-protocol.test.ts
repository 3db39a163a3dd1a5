import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { valuesOf } from '../../../src/metrics/values.ts';
import type { Fields, Sample, Tags } from '../../../src/model.ts';
import { createEncoder } from '../../../src/write/line-protocol.ts';
import type { EncoderOptions } from '../../../src/write/line-protocol.ts';
import { cutLines, parseLine } from './parse-line.ts';

const time = 1_700_000_000_123;
const heartbeat: Tags = { cluster: 'default', node: 'worker-1' };

function encode(...samples: readonly Sample[]): string {
  const encoder = createEncoder();
  for (const sample of samples) encoder.add(sample);
  return encoder
    .take()
    .map(({ body }) => body.toString())
    .join('');
}

function beat(fields: Fields, tags: Tags = heartbeat): Sample {
  return { measurement: 'podgauge', tags, values: valuesOf('podgauge', fields), time };
}

test('writes tags sorted, fields in the order of the metric table, nanoseconds and a line feed', () => {
  const tags = {
    workload_kind: 'Deployment',
    workload: 'checkout',
    qos: 'Burstable',
    pod: 'checkout-6d5f7c9b8-x2x9z',
    node: 'worker-1',
    namespace: 'shop',
    container: 'app',
    cluster: 'default',
  };
  expect(
    encode({
      measurement: 'k8s_container',
      tags,
      values: valuesOf('k8s_container', {
        pids: 17,
        memory_usage_bytes: 268435456,
        cpu_usage_core_nanoseconds: 123456789012345,
      }),
      time,
    }),
  ).toBe(
    'k8s_container,cluster=default,container=app,namespace=shop,node=worker-1,pod=checkout-6d5f7c9b8-x2x9z,qos=Burstable,' +
      'workload=checkout,workload_kind=Deployment ' +
      'cpu_usage_core_nanoseconds=123456789012345i,memory_usage_bytes=268435456i,pids=17i 1700000000123000000\n',
  );
});

test('writes every tag of the measurement: none where a value is missing or empty', () => {
  const values = valuesOf('k8s_system', { pids: 1 });
  expect(encode({ measurement: 'k8s_system', tags: { cluster: '', slice: '/' }, values, time })).toBe(
    'k8s_system,cluster=none,node=none,slice=/ pids=1i 1700000000123000000\n',
  );
});

test('writes booleans as words and strings quoted, line breaks as spaces', () => {
  expect(encode(beat({ points: true, pods: false, run: 'say "hi"\\\r\nbye' }))).toBe(
    'podgauge,cluster=default,node=worker-1 run="say \\"hi\\"\\\\  bye",points=true,pods=false 1700000000123000000\n',
  );
});

test('leaves out what is absent, values beyond the rows of the measurement, and a point without any', () => {
  const encoder = createEncoder();
  const { values, ...rest } = beat({});
  expect(encoder.add({ ...rest, values })).toBe(false);
  expect(encoder.add({ ...rest, values: [] })).toBe(false);
  expect(encoder.add({ ...rest, values: [...values, 7] })).toBe(false);
  expect(encoder.add(beat({ pods: 2 }))).toBe(true);
  expect(encoder.take().map(({ body, points }) => [body.toString(), points])).toEqual([
    ['podgauge,cluster=default,node=worker-1 pods=2i 1700000000123000000\n', 1],
  ]);
  expect(encoder.skipped).toBe(0);
});

test.each([
  [0, '0'],
  [-0, '0'],
  [-1, '-1'],
  [10, '10'],
  [999_999_999, '999999999'],
  [1_000_000_000, '1000000000'],
  [Number.MAX_SAFE_INTEGER, '9007199254740991'],
  [Number.MIN_SAFE_INTEGER, '-9007199254740991'],
  [2n ** 53n + 1n, '9007199254740993'],
  [2n ** 63n - 1n, '9223372036854775807'],
  [-(2n ** 63n), '-9223372036854775808'],
])('writes %s exactly', (value, digits) => {
  expect(encode(beat({ pods: value }))).toBe(`podgauge,cluster=default,node=worker-1 pods=${digits}i 1700000000123000000\n`);
});

test.each([Number.NaN, Infinity, -Infinity, 0.5, 2 ** 53, 2n ** 63n, -(2n ** 63n) - 1n])(
  'leaves out %s and counts it',
  (value) => {
    const encoder = createEncoder();
    expect(encoder.add(beat({ pods: value, containers: 3 }))).toBe(true);
    expect(encoder.add(beat({ pods: value }))).toBe(false);
    expect(encoder.take().map(({ body }) => body.toString())).toEqual([
      'podgauge,cluster=default,node=worker-1 containers=3i 1700000000123000000\n',
    ]);
    expect(encoder.skipped).toBe(2);
  },
);

test.each([Number.NaN, 0, -1, 1.5, 9_223_372_036_855])('leaves out a point of the time %s and counts it', (bad) => {
  const encoder = createEncoder();
  expect(encoder.add({ ...beat({ pods: 1 }), time: bad })).toBe(false);
  expect(encoder.take()).toEqual([]);
  expect(encoder.skipped).toBe(1);
});

test('writes any safe integer digit by digit', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (value) => {
      expect(encode(beat({ pods: value }))).toContain(` pods=${BigInt(value)}i `);
    }),
  );
});

function bodies(options: EncoderOptions, samples: readonly Sample[]): [string, number][] {
  const encoder = createEncoder(options);
  for (const sample of samples) encoder.add(sample);
  return encoder.take().map(({ body, points }) => [body.toString(), points]);
}

test('cuts batches at the number of lines', () => {
  const [one, two, three] = [1, 2, 3].map((pods) => beat({ pods }));
  if (one === undefined || two === undefined || three === undefined) throw new Error('No samples');
  expect(bodies({ maxLines: 2 }, [one, two, three])).toEqual([
    [encode(one, two), 2],
    [encode(three), 1],
  ]);
});

test('cuts batches before the line that would be too much; a line too long for any is a batch of its own', () => {
  const short = beat({ pods: 1 });
  const long = beat({ run: 'x'.repeat(200) });
  const lineBytes = encode(short).length;
  expect(bodies({ maxBytes: lineBytes * 2 + 1 }, [short, short, short, long, short])).toEqual([
    [encode(short, short), 2],
    [encode(short), 1],
    [encode(long), 1],
    [encode(short), 1],
  ]);
});

test('gives away bytes that later points do not touch', () => {
  const encoder = createEncoder();
  encoder.add(beat({ pods: 1 }));
  const [first] = encoder.take();
  encoder.add(beat({ pods: 2 }));
  encoder.take();
  expect(first?.body.toString()).toContain('pods=1i');
});

test('grows for lines longer than its buffer', () => {
  const run = '"'.repeat(4096);
  const text = encode(...Array.from({ length: 40 }, () => beat({ run, points: run, pods: run })));
  const points = cutLines(text).map(parseLine);
  expect(points).toHaveLength(40);
  expect(points.every(({ fields }) => fields['run'] === run && fields['points'] === run && fields['pods'] === run)).toBe(true);
});

const nasty = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({
    unit: fc.constantFrom('\\', ',', '=', ' ', '"', '\n', '\r', '\t', '\0', 'x', 'n', '😀', '\ud800', '\u2028', 'a', '#'),
  }),
  fc.constantFrom('', '\\', 'a\\', '\\\\', '\\x2d', ' ', 'none', 'é'.repeat(200), '😀'.repeat(80)),
);
const plain = (text: string): boolean =>
  text !== '' && Buffer.byteLength(text) <= 256 && text.isWellFormed() && !/[\p{Cc}\p{Zl}\p{Zp}]|\\(?!x)/u.test(text);

test('whatever the tags and strings hold, each line is read back with the same tags and fields', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          cluster: nasty,
          node: nasty,
          run: fc.option(nasty),
          pods: fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
        }),
        { minLength: 1, maxLength: 6 },
      ),
      (rows) => {
        const samples = rows.map(({ cluster, node, run, pods }) =>
          beat({ ...(run !== null && { run }), ...(pods !== null && { pods }), points: 1 }, { cluster, node }),
        );
        const points = cutLines(encode(...samples)).map(parseLine);
        expect(points.map((point) => Object.keys(point.tags))).toEqual(rows.map(() => ['cluster', 'node']));
        for (const [i, point] of points.entries()) {
          const row = rows[i];
          if (row === undefined) throw new Error('More lines than points');
          for (const [key, value] of [
            ['cluster', row.cluster],
            ['node', row.node],
          ] as const) {
            const tag = point.tags[key] ?? '';
            expect(tag).toMatch(plain(value) ? RegExp(`^${RegExp.escape(value)}$`, 'u') : /^(none|.*~[0-9a-f]{16})$/su);
            expect(Buffer.byteLength(tag)).toBeLessThanOrEqual(256);
          }
          expect(point.fields['run']).toBe(row.run?.toWellFormed().replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' '));
          expect(point.fields['pods']).toBe(row.pods ?? undefined);
          expect(point).toMatchObject({ measurement: 'podgauge', time: 1_700_000_000_123_000_000n });
        }
      },
    ),
    { numRuns: 150 },
  );
});
