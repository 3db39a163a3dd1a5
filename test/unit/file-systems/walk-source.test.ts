import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createWalkSource, walkBounds, walkDirectories } from '../../../src/file-systems/walk-source.ts';
import type { WalkSourceOptions } from '../../../src/file-systems/walk-source.ts';
import type { WalkPod } from '../../../src/file-systems/walk-trees.ts';
import { createProblems } from '../../../src/problems.ts';
import { hostTree } from '../../support/host-tree.ts';
import type { HostEntries } from '../../support/host-tree.ts';
import { duOf } from './walk-scene.ts';

const uid = '5f0c1c3e-7a54-4a43-9d0e-2f5d5c0f7a11';
const logs = `var/log/pods/shop_cart-1_${uid}`;
const volumes = `var/lib/kubelet/pods/${uid}/volumes`;
const emptyDirs = `${volumes}/kubernetes.io~empty-dir`;
const pod: WalkPod = { uid, namespace: 'shop', name: 'cart-1', containers: [{ name: 'app', pid: 7 }] };

function overlay(layer: string): string {
  return `68 65 0:40 / / rw - overlay overlay rw,lowerdir=/l,upperdir=/layers/${layer}/fs,workdir=/layers/${layer}/work\n`;
}

const entries: HostEntries = {
  'proc/7/mountinfo': overlay('a'),
  'layers/a/fs/etc/hosts': 'x'.repeat(10_000),
  [`${logs}/app/0.log`]: 'y'.repeat(20_000),
  [`${emptyDirs}/cache/file`]: 'z'.repeat(30_000),
  [`${emptyDirs}/spool/`]: '',
  [`${volumes}/kubernetes.io~projected/token/`]: '',
};

async function walking(options: Partial<WalkSourceOptions> = {}, more: HostEntries = {}) {
  const host = await hostTree({ ...entries, ...more });
  const warnings: string[] = [];
  const problems = createProblems({
    debug: () => {},
    info: () => {},
    warn: (_, message) => void warnings.push(message),
    error: () => {},
  });
  const clock = { time: 0 };
  const source = createWalkSource({
    hostRoot: host.path,
    procRoot: host.procRoot,
    directories: walkDirectories,
    bounds: walkBounds,
    entriesPerSecond: 1_000_000,
    period: 60_000,
    problems,
    pods: () => [pod],
    exists: () => true,
    now: () => clock.time,
    wall: () => 1_700_000_000_000 + clock.time,
    wait: (_, signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true })),
    ...options,
  });
  onTestFinished(async () => {
    source.close();
    await host[Symbol.asyncDispose]();
  });
  const { signal } = new AbortController();
  return {
    host,
    source,
    warnings,
    problems,
    async round(at: number) {
      clock.time = at;
      await source.round(signal);
      return source.report?.pods.get(uid);
    },
    du(path: string) {
      const { bytes, inodes } = duOf(join(host.path, path));
      return { usedBytes: bytes, inodesUsed: inodes };
    },
  };
}

test('a report has the layer and the log of each container, each emptyDir, their sum, and the size of the file systems', async () => {
  const { source, round, du, problems } = await walking();
  const found = await round(5);
  const at = 1_700_000_000_005;
  const [layer, log] = [du('layers/a/fs'), du(`${logs}/app`)];
  const [cache, spool] = [du(`${emptyDirs}/cache`), du(`${emptyDirs}/spool`)];
  const part = { at, capacityBytes: expect.any(Number), availableBytes: expect.any(Number) };
  expect(found).toMatchObject({
    uid,
    containers: [{ name: 'app', rootfs: { ...part, ...layer }, logs: { ...part, ...log } }],
    ephemeral: {
      at,
      usedBytes: layer.usedBytes + log.usedBytes + cache.usedBytes + spool.usedBytes,
      inodesUsed: layer.inodesUsed + log.inodesUsed + cache.inodesUsed + spool.inodesUsed,
    },
  });
  expect(found?.volumes.toSorted((a, b) => (a.name < b.name ? -1 : 1))).toMatchObject([
    { name: 'cache', usage: cache },
    { name: 'spool', usage: spool },
  ]);
  expect(source.report).toMatchObject({ at, node: { root: { at, usedBytes: expect.any(Number) } } });
  expect(source.stats).toEqual({ requests: 1, failures: 0, refused: 0, lastAt: at });
  expect(problems.counts).toMatchObject({ denied: 0, slow: 0, malformed: 0 });
});

test('a part that is not known is absent, and so is the sum; the others are there', async () => {
  const { host, round, du } = await walking();
  await round(0);
  rmSync(join(host.path, logs), { recursive: true });
  const found = await round(60_000);
  expect(found?.containers).toMatchObject([{ name: 'app', rootfs: du('layers/a/fs'), logs: undefined }]);
  expect(found?.ephemeral).toBeUndefined();
});

test('where the kubelet keeps nothing of a pod it is not taken for one without volumes', async () => {
  const { host, round } = await walking();
  rmSync(join(host.path, `var/lib/kubelet/pods/${uid}`), { recursive: true });
  expect(await round(0)).toMatchObject({ volumes: [], ephemeral: undefined });
  mkdirSync(join(host.path, volumes), { recursive: true });
  expect(await round(60_000)).toMatchObject({ volumes: [], ephemeral: { inodesUsed: 5 } });
});

test('a container that runs again has another layer, which is walked at once', async () => {
  let current = pod;
  const { host, round, du } = await walking({ pods: () => [current] });
  await round(0);
  await host.add({ 'proc/8/mountinfo': overlay('b'), 'layers/b/fs/new': '' });
  current = { ...pod, containers: [{ name: 'app', pid: 8 }] };
  expect((await round(60_000))?.containers).toMatchObject([{ rootfs: du('layers/b/fs') }]);
});

test('a tree whose walk took long rests for twenty times as long; the last number keeps its time', async () => {
  let time = 0;
  let speed = 2_000;
  // Twice for each thing that is asked, so that each takes `speed` milliseconds.
  const { host, round } = await walking({ now: () => (time += speed) });
  const first = (await round(0))?.containers[0]?.rootfs;
  speed = 0;
  writeFileSync(join(host.path, 'layers/a/fs/more'), '');
  expect((await round(60_000))?.containers[0]?.rootfs).toEqual(first);
  time += 40_000;
  expect((await round(120_000))?.containers[0]?.rootfs).toMatchObject({
    at: 1_700_000_120_000,
    inodesUsed: (first?.inodesUsed === undefined ? 0 : Number(first.inodesUsed)) + 1,
  });
});

test('beyond a bound there is no number, a line that says why once, and the rest is there', async () => {
  const many = Object.fromEntries(Array.from({ length: 100 }, (_, file) => [`layers/a/fs/f${file}`, '']));
  const { round, warnings, problems, du } = await walking({ bounds: { ...walkBounds, entries: 50 } }, many);
  await round(0);
  const found = await round(60_000);
  expect(found?.containers).toMatchObject([{ rootfs: undefined, logs: du(`${logs}/app`) }]);
  expect(found?.ephemeral).toBeUndefined();
  expect(warnings).toEqual([
    'The writable layer of container app (pid 7) is not measured: it has more files than one walk looks at',
  ]);
  expect(problems.counts.slow).toBe(2);
});

test('a log of links to what the runtime keeps elsewhere has no number', async () => {
  const { host, round, warnings } = await walking();
  symlinkSync('/var/lib/docker/containers/x/x-json.log', join(host.path, `${logs}/app/1.log`));
  expect((await round(0))?.containers[0]?.logs).toBeUndefined();
  expect(warnings).toEqual([expect.stringContaining('it holds links to files that the runtime keeps elsewhere')]);
});

test('with no number at all there is no report, and the last one is gone', async () => {
  const { host, source, round } = await walking();
  await round(0);
  await host.remove('layers', 'var', 'proc/7');
  await round(60_000);
  expect(source.report).toBeUndefined();
  expect(source.stats).toMatchObject({ requests: 2, failures: 1, refused: 0, lastAt: 1_700_000_000_000 });
});

test('names that would lead elsewhere are not followed', async () => {
  const strange: WalkPod = { uid: '..', namespace: '..', name: '..', containers: [{ name: '../../../layers' }] };
  const { source, round } = await walking({ pods: () => [strange] });
  await round(0);
  expect(source.report?.pods.get('..')).toEqual({ uid: '..', containers: [], ephemeral: undefined, volumes: [] });
});

test('it reports until it is told to stop', async () => {
  const { source } = await walking();
  const stop = new AbortController();
  const ran = source.run(stop.signal);
  await expect.poll(() => source.report?.pods.size, { timeout: 10_000 }).toBe(1);
  stop.abort();
  await ran;
  expect(source.stats.requests).toBe(1);
});

test('a pod that went while it was walked leaves no mark, nor does one that was complained of before', async () => {
  const bounds = { ...walkBounds, entries: 1 };
  const there = new Set<string>();
  const { round, problems, warnings } = await walking({ bounds, exists: (one) => there.has(one) });
  await round(0);
  expect([problems.marks, warnings]).toEqual([0, []]);
  there.add(uid);
  await round(60_000);
  expect(problems.marks).toBeGreaterThan(0);
  there.clear();
  await round(120_000);
  expect(problems.marks).toBe(0);
});
