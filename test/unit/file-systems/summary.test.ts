import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { nodeFileSystems, podFileSystems } from '../../../src/file-systems/summary.ts';
import { parseExact } from '../../../src/file-systems/summary-numbers.ts';
import { field, list } from '../../../src/watch/json.ts';
import { answeredAt, summaryText } from './summary-text.ts';

const summary = parseExact(summaryText);
const disk = { availableBytes: 36_643_016_294, capacityBytes: 50_068_459_520, inodesFree: 2_971_396, inodes: 3_111_321 };

/** What is read of a volume with these numbers, without name and time. */
function volume(stats: object): object | undefined {
  const pod = podFileSystems({ podRef: { uid: 'u' }, volume: [{ name: 'v', ...stats }] }, 1000);
  const usage = pod?.volumes[0]?.usage;
  return usage && Object.fromEntries(Object.entries(usage).filter(([key, value]) => key !== 'at' && value !== undefined));
}

test('the file systems of the node, each with the time it was measured at', () => {
  expect(nodeFileSystems(field(summary, 'node'), answeredAt)).toEqual({
    root: { at: Date.parse('2026-03-04T10:20:29Z'), usedBytes: 10_874_970_931, inodesUsed: 139_925, ...disk },
    images: { at: Date.parse('2026-03-04T10:20:26Z'), usedBytes: 789_861_024, inodesUsed: 8769, ...disk },
    containers: { at: Date.parse('2026-03-04T10:20:27Z'), usedBytes: 1_245_184, inodesUsed: 139_925, ...disk },
  });
});

test('a pod: layers, logs, volumes and what counts as its ephemeral storage', () => {
  expect(podFileSystems(list(field(summary, 'pods'))[0], answeredAt)).toEqual({
    uid: '96636a87-47f5-4970-a15e-6e7901925c90',
    containers: [
      {
        name: 'nginx',
        rootfs: { at: Date.parse('2026-03-04T10:20:24Z'), usedBytes: 24_576, inodesUsed: 7, ...disk },
        logs: { at: Date.parse('2026-03-04T10:20:31Z'), usedBytes: 4096, inodesUsed: 2, ...disk },
      },
      // Zero bytes in a layer that was measured are zero; a time of 1970 is none.
      { name: 'sidecar', rootfs: { at: answeredAt, usedBytes: 0, inodesUsed: 1 } },
    ],
    ephemeral: { at: Date.parse('2026-03-04T10:20:31Z'), usedBytes: 28_672, inodesUsed: 10, ...disk },
    volumes: [
      {
        name: 'kube-api-access-sd9l8',
        usage: {
          at: Date.parse('2026-03-04T10:19:49Z'),
          usedBytes: 12_288,
          availableBytes: 8_314_667_008,
          capacityBytes: 8_314_679_296,
          inodesUsed: 9,
          inodesFree: 2_029_942,
          inodes: 2_029_951,
        },
      },
      {
        name: 'shared',
        claim: 'efs-claim',
        usage: {
          at: Date.parse('2026-03-04T10:18:12Z'),
          usedBytes: 1_044_480,
          availableBytes: 9_223_372_036_853_727_232n,
          capacityBytes: 9_223_372_036_854_771_712n,
        },
      },
      {
        name: 'raw-block',
        claim: 'data-web-0',
        usage: { at: Date.parse('2026-03-04T10:19:00Z'), capacityBytes: 10_737_418_240 },
      },
    ],
  });
});

test('a static pod goes by the hash that the kubelet runs it under', () => {
  expect(podFileSystems(list(field(summary, 'pods'))[1], answeredAt)).toEqual({
    uid: '3a1f0c5b7e9d2468ace013579bdf0246',
    containers: [],
    volumes: [],
  });
});

test('absent stays absent', () => {
  expect(volume({ usedBytes: 1 })).toEqual({ usedBytes: 1 });
  expect(volume({ availableBytes: 5, inodes: 3 })).toEqual({ availableBytes: 5, inodes: 3 });
  expect(volume({})).toBeUndefined();
  expect(volume({ usedBytes: null, capacityBytes: 'much', inodes: {} })).toBeUndefined();
});

test('a zero that was measured is a zero', () => {
  expect(volume({ usedBytes: 0, availableBytes: 10, capacityBytes: 10 })).toEqual({
    usedBytes: 0,
    availableBytes: 10,
    capacityBytes: 10,
  });
  expect(volume({ inodesUsed: 10, inodesFree: 0, inodes: 10 })).toEqual({ inodesUsed: 10, inodesFree: 0, inodes: 10 });
});

test('a size of zero says that nobody knows: the zeros beside it are left out, what was counted is not', () => {
  expect(volume({ usedBytes: 4096, availableBytes: 0, capacityBytes: 0 })).toEqual({ usedBytes: 4096 });
  expect(volume({ inodesUsed: 0, inodesFree: 0, inodes: 0 })).toBeUndefined();
});

test.each([-1, 1.5, 2 ** 53, 18_446_744_073_709_551_615n, Number.NaN])('%s is no amount', (value) => {
  expect(volume({ usedBytes: value })).toBeUndefined();
});

test.each([
  ['2026-03-04T10:20:31.250Z', 'its own', Date.parse('2026-03-04T10:20:31.250Z')],
  ['2026-03-04T11:20:31+01:00', 'its own', Date.parse('2026-03-04T10:20:31Z')],
  ['2026-03-04T10:20:32Z', 'that of the answer, for it is in the future', answeredAt],
  ['1970-01-01T00:00:00Z', 'that of the answer', answeredAt],
  [null, 'that of the answer', answeredAt],
  ['soon', 'that of the answer', answeredAt],
  [`2026-03-04T10:20:30Z${' '.repeat(100)}`, 'that of the answer', answeredAt],
])('the time of a part that says %j is %s', (time, _, at) => {
  expect(nodeFileSystems({ fs: { time, usedBytes: 1 } }, answeredAt).root?.at).toBe(at);
});

test('of two containers or volumes of one name the first counts', () => {
  const pod = podFileSystems(
    {
      podRef: { uid: 'u' },
      containers: [
        { name: 'a', logs: { usedBytes: 1 } },
        { name: 'a', logs: { usedBytes: 2 } },
        { name: '', logs: { usedBytes: 3 } },
      ],
      volume: [
        { name: 'v', usedBytes: 1 },
        { name: 'v', usedBytes: 2 },
      ],
    },
    1000,
  );
  expect(pod?.containers.map(({ name, logs }) => [name, logs?.usedBytes])).toEqual([['a', 1]]);
  expect(pod?.volumes.map(({ name, usage }) => [name, usage.usedBytes])).toEqual([['v', 1]]);
});

test('no pod has more than 500 containers or volumes', () => {
  const many = Array.from({ length: 600 }, (_, nth) => ({ name: `n${nth}`, usedBytes: 1, logs: { usedBytes: 1 } }));
  const pod = podFileSystems({ podRef: { uid: 'u' }, containers: many, volume: many }, 1000);
  expect([pod?.containers.length, pod?.volumes.length]).toEqual([500, 500]);
});

test('a pod without a UID is none', () => {
  for (const nothing of [
    undefined,
    null,
    1,
    'pod',
    [],
    {},
    { podRef: null },
    { podRef: { uid: '' } },
    { podRef: { uid: 7 } },
  ]) {
    expect(podFileSystems(nothing, 1000)).toBeUndefined();
  }
});

const keys = ['podRef', 'uid', 'containers', 'name', 'rootfs', 'logs', 'volume', 'pvcRef', 'ephemeral-storage', '__proto__'];
const amounts = ['usedBytes', 'availableBytes', 'capacityBytes', 'inodesUsed', 'inodesFree', 'inodes'];
const leaf = fc.oneof(
  fc.constantFrom(null, true, '', 'x', '2026-03-04T10:20:30Z', -1, 0, 0.5, 2 ** 53, 1e300),
  fc.maxSafeNat(),
  fc.bigInt(-9n, 2n ** 65n),
);
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...keys, ...amounts, 'fs', 'runtime', 'imageFs'), tie('tree'), { maxKeys: 6 }),
  ),
}));
const someStats = fc.dictionary(fc.constantFrom(...amounts, 'time'), leaf);

function isAmount(value: unknown): boolean {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0;
  return value === undefined || (typeof value === 'bigint' && value >= 0n && value < 2n ** 63n);
}

test('whatever is in a summary, nothing throws and only exact amounts come out', () => {
  fc.assert(
    fc.property(tree, someStats, tree, (anything, stats, containers) => {
      const volumes = [{ name: 'v', ...stats }, anything];
      podFileSystems(anything, answeredAt);
      const pod = podFileSystems({ podRef: { uid: 'u' }, containers, 'ephemeral-storage': stats, volume: volumes }, answeredAt);
      const usages = [
        ...Object.values(nodeFileSystems({ fs: stats, runtime: anything }, answeredAt)),
        ...(pod?.containers ?? []).flatMap(({ rootfs, logs }) => [rootfs, logs]),
        ...(pod?.volumes ?? []).map(({ usage }) => usage),
        pod?.ephemeral,
      ];
      expect(usages.flatMap((usage) => Object.values(usage ?? {})).filter((value) => !isAmount(value))).toEqual([]);
    }),
    { numRuns: 10_000 },
  );
}, 60_000);
