import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Pod } from '../../../src/model.ts';
import { createProblems } from '../../../src/problems.ts';
import { savePods } from '../../../src/watch/pod-saver.ts';
import { decodeSavedPods } from '../../../src/watch/saved-pods.ts';
import { recordingLogger } from './running-watch.ts';

const of = { cluster: 'c', node: 'n', selection: '{}', boot: undefined };

function pod(name: string, phase = 'Pending'): Pod {
  return {
    uid: name,
    cgroupUid: name,
    namespace: 'shop',
    name,
    workloadKind: 'Pod',
    workload: name,
    qos: 'BestEffort',
    hostNetwork: false,
    containers: [],
    api: { phase, terminating: false, requests: {}, limits: {} },
  };
}

/** Saves what the steps say, each a second after the one before. */
async function saved(steps: readonly (readonly Pod[] | 'same' | 'not ready')[], directory?: string) {
  const folder = await mkdtemp(join(tmpdir(), 'podgauge-saver-'));
  const path = join(directory ?? folder, 'pods');
  const state = { ready: false, version: 0, pods: new Map<string, Pod>() };
  const clock = { ms: 0 };
  const stop = new AbortController();
  const logged: string[] = [];
  const problems = createProblems(recordingLogger(logged));
  const seen: (readonly [file: string, names: readonly string[]] | undefined)[] = [];
  const left = [...steps];

  function take(): void {
    const step = left.shift();
    if (step === undefined) stop.abort();
    state.ready = step !== 'not ready';
    if (typeof step !== 'object') return;
    state.pods = new Map(step.map((each) => [each.uid, each]));
    state.version += 1;
  }

  async function look() {
    const status = await stat(path, { bigint: true }).catch(() => undefined);
    if (status === undefined) return undefined;
    const decoded = decodeSavedPods(await readFile(path), of);
    if (decoded.kind !== 'saved') throw new Error(decoded.kind);
    return [`${status.ino} ${status.mtimeNs}`, [...decoded.saved.snapshot().keys()]] as const;
  }

  take();
  await savePods(
    {
      path,
      of,
      watch: {
        get ready() {
          return state.ready;
        },
        get version() {
          return state.version;
        },
        snapshot: () => state.pods,
        leftOut: () => new Set(),
      },
      problems,
      now: () => clock.ms,
      async wait(ms) {
        clock.ms += ms;
        if (clock.ms % 1000 !== 0) return;
        seen.push(await look());
        take();
      },
    },
    stop.signal,
  );
  await rm(folder, { recursive: true });
  const files = seen.map((each) => each?.[0]);
  return { names: seen.map((each) => each?.[1].join() ?? '-'), writes: new Set(files.filter(Boolean)).size, logged, problems };
}

test('nothing is written before the pods are known, and then at once', async () => {
  expect((await saved(['not ready', [pod('a')], 'same'])).names).toEqual(['-', 'a', 'a']);
});

test('it is written when names change, and not for what is not written', async () => {
  const later = Array.from({ length: 10 }, () => 'same' as const);
  const run = await saved([[pod('a')], ...later, [pod('a', 'Running')], ...later, [pod('a', 'Running'), pod('b')], ...later]);
  expect(run.writes).toBe(2);
  expect(run.names.at(-1)).toBe('a,b');
});

test('pods that come one after the other are one write in ten seconds, and none is forgotten', async () => {
  const steps = Array.from({ length: 12 }, (_, i) => Array.from({ length: i + 1 }, (__, n) => pod(`p${n}`)));
  const run = await saved([...steps, ...Array.from({ length: 10 }, () => 'same' as const)]);
  expect(run.writes).toBe(3);
  expect(run.names.at(-1)?.split(',')).toHaveLength(12);
});

test('a write that fails is counted each time and told of once, and tried again', async () => {
  const run = await saved([[pod('a')], ...Array.from({ length: 25 }, () => 'same' as const)], '/proc/podgauge-has-no-such');
  expect(run.names.every((names) => names === '-')).toBe(true);
  expect(run.problems.counts.denied).toBe(3);
  expect(run.logged).toHaveLength(1);
  expect(run.logged[0]).toContain('Cannot keep the pods in "/proc/podgauge-has-no-such/pods": ENOENT');
});
