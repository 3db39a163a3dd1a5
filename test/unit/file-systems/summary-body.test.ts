import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { readSummary } from '../../../src/file-systems/summary-body.ts';
import { createProblems } from '../../../src/problems.ts';
import { recordingLogger } from '../watch/running-watch.ts';
import { answeredAt, summaryText } from './summary-text.ts';

async function* pieces(body: string | Uint8Array, sizes: readonly number[] = []): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(body);
  let at = 0;
  for (const size of sizes) {
    yield bytes.subarray(at, at + size);
    at += size;
  }
  yield bytes.subarray(at);
}

/** What comes of a body: the report, or what was thrown, and what was logged. */
async function read(body: string, sizes: readonly number[] = []) {
  const logged: string[] = [];
  const problems = createProblems(recordingLogger(logged));
  const report = await readSummary(pieces(body, sizes), { node: 'node-1', at: answeredAt, problems });
  return { report, logged, problems };
}

function summaryOf(...pods: readonly unknown[]): string {
  return JSON.stringify({ node: { nodeName: 'node-1' }, pods });
}

test('a summary becomes a report: the node, and the pods by their UID', async () => {
  const { report, logged } = await read(summaryText);
  expect(report.at).toBe(answeredAt);
  expect(report.node.root?.usedBytes).toBe(10_874_970_931);
  expect(report.node.images?.usedBytes).toBe(789_861_024);
  expect(Array.from(report.pods.keys())).toEqual(['96636a87-47f5-4970-a15e-6e7901925c90', '3a1f0c5b7e9d2468ace013579bdf0246']);
  const pod = report.pods.get('96636a87-47f5-4970-a15e-6e7901925c90');
  expect(pod?.containers[0]?.rootfs?.usedBytes).toBe(24_576);
  expect(pod?.volumes[1]?.usage.availableBytes).toBe(9_223_372_036_853_727_232n);
  expect(logged).toEqual([]);
});

test('it is the same in whatever pieces it comes', async () => {
  const { report } = await read(summaryText);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 200 }), async (sizes) => {
      expect((await read(summaryText, sizes)).report).toEqual(report);
    }),
  );
  const bytes = Array.from(summaryText, () => 1);
  expect((await read(summaryText, bytes)).report).toEqual(report);
});

test('a node without pods has none', async () => {
  expect((await read('{"node":{"nodeName":"node-1"},"pods":null}')).report.pods.size).toBe(0);
  expect((await read(summaryOf())).report.pods.size).toBe(0);
});

test('properties named pods elsewhere, and a key split by an escape, are nothing', async () => {
  const pod = { podRef: { uid: 'u' }, pods: [{ podRef: { uid: 'inner' } }], text: '"pods":[{}]' };
  const body = JSON.stringify({ '\\"pods': [1], node: { nodeName: 'node-1', pods: [2] }, pods: [pod] });
  const { report, logged } = await read(body);
  expect(Array.from(report.pods.keys())).toEqual(['u']);
  expect(logged).toEqual([]);
});

test('a pod that is not understood is counted and left out, and logged once', async () => {
  const { report, logged, problems } = await read(summaryOf({ podRef: { uid: 'a' } }, 7, {}, { podRef: { uid: 'b' } }, null));
  expect(Array.from(report.pods.keys())).toEqual(['a', 'b']);
  expect(problems.counts.object).toBe(3);
  expect(logged).toEqual(['warn: Summary of the kubelet: a pod has no UID; left out: a pod has no UID']);
});

test('of two pods of one UID the first counts', async () => {
  const { report, problems } = await read(
    summaryOf({ podRef: { uid: 'a' }, volume: [{ name: 'v', usedBytes: 1 }] }, { podRef: { uid: 'a' } }),
  );
  expect(report.pods.get('a')?.volumes).toHaveLength(1);
  expect(problems.counts.object).toBe(1);
});

test('a pod of more than 2 MiB is left out, the others are not', async () => {
  const { report, problems } = await read(
    summaryOf({ podRef: { uid: 'a' } }, { podRef: { uid: 'large' }, more: 'x'.repeat(2_100_000) }, { podRef: { uid: 'b' } }),
  );
  expect(Array.from(report.pods.keys())).toEqual(['a', 'b']);
  expect(problems.counts.object).toBe(1);
});

test('no more than 2,000 pods are read', async () => {
  const { report, logged } = await read(
    summaryOf(...Array.from({ length: 2010 }, (_, nth) => ({ podRef: { uid: `u${nth}` } }))),
  );
  expect(report.pods.size).toBe(2000);
  expect(logged).toEqual(['warn: Summary of the kubelet: it has more than 2000 pods; left out: it has more than 2000 pods']);
});

test.each([
  ['', 'no node in it'],
  ['<html><body>Sign in</body></html>', 'no node in it'],
  ['[]', 'no node in it'],
  ['null', 'no node in it'],
  ['{"kind":"Status","message":"no"}', 'no node in it'],
  ['{"node":{"nodeName":7},"pods":[]}', 'no node in it'],
  [summaryText.slice(0, -5), 'no node in it'],
  [summaryText.slice(0, 3000), 'no node in it'],
  ['{"node":{"nodeName":"node-2\\n"},"pods":[]}', 'of node "node-2\\n", not of "node-1"'],
])('%j is no summary of this node', async (body, reason) => {
  await expect(read(body)).rejects.toThrow(reason);
});

test('a summary that does not end is given up at 32 MiB', async () => {
  let sent = 0;
  async function* endless(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('{"pods":[');
    for (;;) {
      sent += 65_536;
      yield Buffer.alloc(65_536, '{"podRef":1},   ');
    }
  }
  const problems = createProblems(recordingLogger([]));
  await expect(readSummary(endless(), { node: 'node-1', at: answeredAt, problems })).rejects.toThrow(
    'larger than 33554432 bytes',
  );
  expect(sent).toBeLessThanOrEqual(33_554_432 + 65_536);
});

test('garbage and damage give a report, or say that there is none', async () => {
  const damage = fc.record({ at: fc.nat(summaryText.length), length: fc.nat(50), text: fc.string({ unit: 'binary' }) });
  await fc.assert(
    fc.asyncProperty(damage, async ({ at, length, text }) => {
      const body = summaryText.slice(0, at) + text + summaryText.slice(at + length);
      const outcome = await read(body).then(
        ({ report }) => `a report of ${report.at}`,
        (error: unknown) => String(error),
      );
      expect(outcome).toMatch(/^(?:a report of 1772619631250|Error: no node in it|Error: of node ".*", not of "node-1")$/s);
    }),
    { numRuns: 1000 },
  );
}, 60_000);
