import { once } from 'node:events';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readLastRun, savedPodsOf } from '../../src/last-run.ts';
import { createProblems } from '../../src/problems.ts';
import { encodeSavedPods } from '../../src/watch/saved-pods.ts';
import { load } from './config/load.ts';
import { recordingLogger } from './watch/running-watch.ts';

const of = { cluster: 'c', node: 'n', selection: '{}', boot: 'b' };
/** The disk answers in time, however long that takes. */
const wait = (_ms: number, signal: AbortSignal) => once(signal, 'abort').then(() => undefined);

/** Starts with a directory that `prepare` has filled. */
async function start(prepare: (path: string) => Promise<void>) {
  const folder = await mkdtemp(join(tmpdir(), 'podgauge-last-run-'));
  const path = join(folder, 'pods');
  await prepare(path);
  const config = await load({ argv: [`--state-dir=${folder}`], env: { KUBECONFIG: '/k', NODE_NAME: 'n' } });
  const lastRun = await readLastRun(config, wait, new AbortController().signal);
  await rm(folder, { recursive: true });
  if (lastRun === undefined) throw new Error('Nothing is kept');
  const logged: string[] = [];
  const log = recordingLogger(logged);
  const problems = createProblems(log);
  const saved = savedPodsOf(lastRun, of, { problems, log });
  return { saved, logged: logged.map((line) => line.replaceAll(folder, '…')), failed: problems.counts.denied };
}

test('without a directory nothing is kept', async () => {
  const config = await load({ env: { KUBECONFIG: '/k', NODE_NAME: 'n' } });
  expect(await readLastRun(config, wait, new AbortController().signal)).toBeUndefined();
});

test('a first run finds nothing, which is no failure', async () => {
  expect(await start(async () => {})).toEqual({ saved: undefined, logged: [], failed: 0 });
});

test('the pods of the last run are known', async () => {
  const { saved, logged, failed } = await start((path) => writeFile(path, encodeSavedPods([], ['u1'], of)));
  expect([saved?.leftOut(), failed]).toEqual([new Set(['u1']), 0]);
  expect(logged).toEqual(['info: The pods of the last run are known']);
});

test('those of another node are left out, which is no failure', async () => {
  const run = await start((path) => writeFile(path, encodeSavedPods([], [], { ...of, node: 'other' })));
  expect(run).toEqual({
    saved: undefined,
    logged: ['info: The pods of the last run are left out: they are of another node'],
    failed: 0,
  });
});

test('what is broken, or cannot be read, is counted and told of in one line', async () => {
  const broken = await start((path) => writeFile(path, encodeSavedPods([], [], of).subarray(0, -1)));
  expect(broken).toMatchObject({ saved: undefined, failed: 1 });
  expect(broken.logged).toEqual([
    expect.stringContaining('warn: Cannot use the pods of the last run in "…/pods": its checksum is wrong'),
  ]);
  const link = await start((path) => symlink('/etc/passwd', path));
  expect(link).toMatchObject({ saved: undefined, failed: 1 });
  expect(link.logged).toEqual([expect.stringContaining('warn: Cannot use the pods of the last run in "…/pods": ELOOP')]);
});
