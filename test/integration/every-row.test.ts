/**
 * Each row of the metric table that this kernel has a file for, on a real cgroup: the program's value lies between what the file
 * says before and after. What the kernel has no file for is not written. On cgroup v2 the same runs in test/kernel.
 */
import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createScratchFolder } from '../servers/service.ts';
import { busyCommand, limitLoosely, makeBusy } from '../support/busy-container.ts';
import type { BusyPlace } from '../support/busy-container.ts';
import { cgroupHost } from '../support/cgroup-host.ts';
import { sendDatagrams } from '../support/datagrams.ts';
import { isOwnKernel, makeDisk, makeSwap } from '../support/own-disks.ts';
import { podNetworks } from '../support/pod-network.ts';
import { moreControllers, realCgroup, useMoreControllers } from '../support/real-cgroup.ts';
import { describeResult, isBetween, neverNear } from '../support/row-results.ts';
import type { Result } from '../support/row-results.ts';
import { coverageOf, isNewer, rowRounds } from '../support/row-rounds.ts';
import type { RowScene } from '../support/row-rounds.ts';

const prefix = 'podgauge-every-row';
const uid = '7d1b9a52-6c0e-4f63-8b0a-3f9a5c7e2d11';
const id = 'e'.repeat(64);

/** What these kernels were built or booted without, and so have no file or key for. */
const without: Readonly<Record<1 | 2, RegExp>> = {
  1: /^(?:hugetlb\.|\/proc\/pressure\/irq )/,
  2: /^(?:(?:cpu|memory|io|irq)\.pressure|cpuset\.|hugetlb\.|io\.stat cost\.|memory\.stat \w+_thp$)/,
};

const parts = new AsyncDisposableStack();
let rounds: Result[][] = [];
let scene: RowScene;

beforeAll(async () => {
  const { path: folder } = parts.use(await createScratchFolder('every-row'));
  const memoryFolder = `/dev/shm/${prefix}`;
  const place = placeOf(folder, memoryFolder);
  const { networks } = parts.use(podNetworks({ name: 'pgrow', count: 1, network: 214 }));
  parts.use(moreControllers(prefix));
  const host = parts.use(cgroupHost({ prefix }));
  const [network] = networks;
  const { netns, peer, podAddress } = network ?? {};
  const pod = host.makePod({
    uid,
    qos: 'Burstable',
    ...(netns !== undefined && { netns }),
    containers: [{ name: 'busy', id, command: busyCommand(place) }],
  });
  useMoreControllers(host, pod);
  const { version } = host;
  const containerPath = pod.containers[0]?.path ?? '';
  for (const path of [`/${prefix}`, pod.path]) limitLoosely(realCgroup({ version, path }), version);
  await makeBusy(realCgroup({ version, path: containerPath }), version, place);
  scene = {
    version,
    root: '/sys/fs/cgroup',
    uid,
    podPath: pod.path,
    containerId: id,
    containerPath,
    ...(peer !== undefined && { peer }),
  };
  await sendDatagrams(podAddress ?? '', 50);
  rounds = await rowRounds(scene);
}, 900_000);

afterAll(() => parts.disposeAsync());

function placeOf(folder: string, memoryFolder: string): BusyPlace {
  if (!isOwnKernel()) {
    mkdirSync(memoryFolder, { recursive: true });
    parts.defer(() => rm(memoryFolder, { recursive: true }));
    return { folder, memoryFolder, disk: join(folder, 'disk') };
  }
  parts.use(makeSwap());
  return { folder, memoryFolder: '/run', disk: makeDisk() };
}

test('each counter that is written lies between two readings of its file', () => {
  const counters = rounds.flat().filter(({ row, value }) => row.kind === 'counter' && value !== undefined);
  expect(counters.filter((result) => !isBetween(result)).map(describeResult)).toEqual([]);
});

test('so does each gauge, at least once where it goes up and down', () => {
  expect(neverNear(rounds).map(describeResult)).toEqual([]);
});

test('what the kernel does not say is not written', () => {
  const silent = rounds.flat().filter(({ value, after }) => value === undefined && after === undefined);
  expect(silent.filter(({ written }) => written !== undefined).map(describeResult)).toEqual([]);
});

test('each row that a kernel of this release has was checked, but for what this one was built without', () => {
  const { summary, unchecked, moving } = coverageOf(rounds.flat(), scene);
  process.stdout.write(`${summary}\n`);
  const missing = unchecked.filter(({ row, origin }) => !isNewer(row) && !without[scene.version].test(origin));
  expect(missing.map(({ measurement, origin }) => `${measurement} ${origin}`)).toEqual([]);
  expect(moving).toBeGreaterThan(25);
});
