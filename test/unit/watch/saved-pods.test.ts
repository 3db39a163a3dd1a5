import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Container, Pod } from '../../../src/model.ts';
import { decodeSavedPods, encodeSavedPods, mostSavedBytes } from '../../../src/watch/saved-pods.ts';
import type { SavedFor } from '../../../src/watch/saved-pods.ts';

const of: SavedFor = { cluster: 'c', node: 'n', selection: '{"labels":["team"]}', boot: 'b1' };

const app: Container = { name: 'app', id: 'a'.repeat(64), state: 'running' };

function pod(uid: string, more: Partial<Pod> = {}): Pod {
  return {
    uid,
    cgroupUid: uid,
    namespace: 'shop',
    name: `web-${uid}`,
    workloadKind: 'StatefulSet',
    workload: 'web',
    qos: 'Burstable',
    hostNetwork: false,
    containers: [app],
    labels: {},
    annotations: {},
    ...more,
  };
}

function podsIn(bytes: Buffer, wanted: SavedFor = of): readonly Pod[] {
  const decoded = decodeSavedPods(bytes, wanted);
  if (decoded.kind !== 'saved') throw new Error(`It is ${decoded.kind}`);
  return Array.from(decoded.saved.snapshot().values());
}

/** A file of any content that passes for whole. */
function fileOf(body: string): Buffer {
  return Buffer.from(`podgauge-pods 1 ${createHash('sha256').update(body).digest('hex')}\n${body}`);
}

const word = fc.string({ minLength: 1, maxLength: 20 }).map((text) => text.toWellFormed());
const name = fc.stringMatching(/^[0-9a-z][0-9a-z._-]{0,60}$/);
const texts = fc.dictionary(word, word, { maxKeys: 3 });
const container: fc.Arbitrary<Container> = fc.record(
  { name: word, id: name, state: fc.constantFrom('running', 'waiting', 'terminated', 'unknown') },
  { requiredKeys: ['name', 'state'] },
);
const anyPod: fc.Arbitrary<Pod> = fc.record({
  uid: name,
  cgroupUid: name,
  namespace: word,
  name: word,
  workloadKind: word,
  workload: word,
  qos: fc.constantFrom('Guaranteed', 'Burstable', 'BestEffort', 'unknown'),
  hostNetwork: fc.boolean(),
  containers: fc.array(container, { maxLength: 4 }),
  labels: texts,
  annotations: texts,
});
const anyPods = fc.uniqueArray(anyPod, { maxLength: 5, selector: ({ uid }) => uid });

test('what is written is what is read, whatever the names', () => {
  fc.assert(
    fc.property(anyPods, fc.uniqueArray(name), (pods, leftOut) => {
      const decoded = decodeSavedPods(encodeSavedPods(pods, leftOut, of), of);
      if (decoded.kind !== 'saved') throw new Error(decoded.kind);
      expect([...decoded.saved.snapshot().values()]).toEqual(pods);
      expect([...decoded.saved.leftOut()]).toEqual(leftOut);
    }),
  );
});

test('what changes by itself is not written', () => {
  const api = { phase: 'Running', terminating: false, requests: {}, limits: {} };
  const bytes = encodeSavedPods([pod('u1', { api })], [], of);
  expect(bytes).toEqual(encodeSavedPods([pod('u1')], [], of));
});

test('a file of which any bytes were changed, cut or added gives no pod', () => {
  const bytes = encodeSavedPods([pod('u1'), pod('u2')], ['u3'], of);
  const at = fc.nat(bytes.length - 1);
  fc.assert(
    fc.property(at, fc.integer({ min: 1, max: 255 }), at, fc.uint8Array({ minLength: 1 }), (where, change, end, tail) => {
      const changed = Buffer.from(bytes);
      changed[where] = (changed[where] ?? 0) ^ change;
      for (const broken of [changed, bytes.subarray(0, end), Buffer.concat([bytes, tail])]) {
        expect(decodeSavedPods(broken, of).kind).toBe('corrupt');
      }
    }),
  );
});

test('any JSON that passes for whole makes nothing throw', () => {
  fc.assert(
    fc.property(fc.json(), fc.jsonValue(), fc.jsonValue(), (text, pods, leftOut) => {
      expect(decodeSavedPods(fileOf(text), of).kind).toBe('other');
      const { kind } = decodeSavedPods(fileOf(JSON.stringify({ ...of, pods, leftOut })), of);
      expect(['corrupt', 'saved']).toContain(kind);
    }),
  );
});

describe('one thing that is wrong costs the whole file', () => {
  const good = pod('u1');
  const bad: Readonly<Record<string, object>> = {
    'a UID that leads out of a directory': { ...good, uid: '../../etc' },
    'a UID of the cgroup that is a number': { ...good, cgroupUid: 7 },
    'no namespace': { ...good, namespace: undefined },
    'an empty name': { ...good, name: '' },
    'a name that is too long': { ...good, name: 'n'.repeat(254) },
    'a workload that is a list': { ...good, workload: ['web'] },
    'an unknown QoS class': { ...good, qos: 'Best' },
    'a flag that is a text': { ...good, hostNetwork: 'false' },
    'containers that are none': { ...good, containers: 'app' },
    'a container without a name': { ...good, containers: [{ state: 'running' }] },
    'a container in no state': { ...good, containers: [{ name: 'app', state: 'fine' }] },
    'an id that is a path': { ...good, containers: [{ ...app, id: 'a/b' }] },
    'a label that is a number': { ...good, labels: { team: 1 } },
    'annotations that are a text': { ...good, annotations: 'all' },
  };
  test.each(Object.entries(bad))('%s', (_what, broken) => {
    const file = fileOf(JSON.stringify({ ...of, leftOut: [], pods: [pod('u2'), broken] }));
    expect(decodeSavedPods(file, of)).toEqual({ kind: 'corrupt', why: 'it holds what is no pod' });
  });

  test('left out is a UID that is none', () => {
    const file = fileOf(JSON.stringify({ ...of, leftOut: ['a/b'], pods: [] }));
    expect(decodeSavedPods(file, of).kind).toBe('corrupt');
  });
});

test('of another cluster, another node or another choice of pods and labels it is not used', () => {
  const bytes = encodeSavedPods([pod('u1')], [], of);
  for (const what of ['cluster', 'node', 'selection'] as const) {
    expect(decodeSavedPods(bytes, { ...of, [what]: 'another' })).toEqual({ kind: 'other', what });
  }
});

test('after a reboot, or where nobody can tell, pods keep their names and containers have none', () => {
  const bytes = encodeSavedPods([pod('u1')], [], of);
  const without = [pod('u1', { containers: [{ name: 'app', state: 'running' }] })];
  expect(podsIn(bytes)).toEqual([pod('u1')]);
  expect(podsIn(bytes, { ...of, boot: 'b2' })).toEqual(without);
  expect(podsIn(encodeSavedPods([pod('u1')], [], { ...of, boot: undefined }), { ...of, boot: undefined })).toEqual(without);
});

test('more pods than fit are left out, and the file is whole', () => {
  const labels = { team: 'é'.repeat(250) };
  const pods = Array.from({ length: 5000 }, (_, i) => pod(`u${i}`, { labels }));
  const bytes = encodeSavedPods(pods, ['left'], of);
  expect(bytes.length).toBeLessThanOrEqual(mostSavedBytes);
  const read = podsIn(bytes);
  expect(read.length).toBeGreaterThan(1000);
  expect(read).toEqual(pods.slice(0, read.length));
});
