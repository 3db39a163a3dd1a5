/**
 * The same as every-row.test.ts for what a host of cgroup v1 has in its v2 hierarchy, if it has one beside: pressure of a cgroup,
 * and huge pages.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createScratchFolder } from '../servers/service.ts';
import { realCgroup } from '../support/real-cgroup.ts';
import { removeCgroup } from '../support/remove-cgroup.ts';
import { describeResult, isBetween, neverNear } from '../support/row-results.ts';
import type { Result } from '../support/row-results.ts';
import { coverageOf, rowRounds } from '../support/row-rounds.ts';
import type { RowScene } from '../support/row-rounds.ts';
import { until } from '../support/until.ts';

const root = '/sys/fs/cgroup/unified';
const prefix = '/podgauge-unified';
const uid = '2e6f1c08-9b1d-4d0a-8f43-6a1b7c9d0e55';
const podPath = `${prefix}/kubepods/burstable/pod${uid}`;
const containerId = 'f'.repeat(64);
const containerPath = `${podPath}/${containerId}`;
const scene: RowScene = { version: 2, root, uid, podPath, containerId, containerPath };
/** What a kernel has of every cgroup of v2, and what the one controller brings that v1 has not taken. */
const there = /^(?:(?:cpu|memory|io)\.pressure|cgroup\.|cpu\.stat (?:usage|user|system)_usec|hugetlb\.)/;

const parts = new AsyncDisposableStack();
let rounds: Result[][] = [];

describe.skipIf(!existsSync(`${root}/cgroup.controllers`))('in the v2 hierarchy beside v1', () => {
  beforeAll(async () => {
    const { path: folder } = parts.use(await createScratchFolder('every-row-unified'));
    makeCgroups();
    await startBusy(join(folder, 'disk'));
    rounds = await rowRounds(scene);
  }, 900_000);

  afterAll(() => parts.disposeAsync());

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

  test('each row of pressure and huge pages was checked', () => {
    const { summary, unchecked, moving } = coverageOf(rounds.flat(), scene);
    process.stdout.write(`${summary}\n`);
    const missing = unchecked.filter(({ origin }) => there.test(origin));
    expect(missing.map(({ measurement, origin }) => `${measurement} ${origin}`)).toEqual([]);
    expect(moving).toBeGreaterThan(10);
  });
});

/** With a limit of huge pages, where the controller is here, which other cgroups of this hierarchy do not notice. */
function makeCgroups(): void {
  if (!isEnabled()) parts.defer(disable);
  parts.defer(() => removeCgroup(root + prefix));
  const parents = ['', prefix, `${prefix}/kubepods`, `${prefix}/kubepods/burstable`, podPath];
  mkdirSync(root + containerPath, { recursive: true });
  for (const path of parents) writeFileSync(`${root}${path}/cgroup.subtree_control`, '+hugetlb');
  for (const path of [podPath, containerPath]) {
    writeFileSync(`${root}${path}/hugetlb.2MB.max`, String(4 * 1024 * 1024));
    writeFileSync(`${root}${path}/hugetlb.1GB.max`, '0');
  }
}

const controllers = `${root}/cgroup.subtree_control`;

function isEnabled(): boolean {
  return readFileSync(controllers, 'utf8').includes('hugetlb');
}

function disable(): void {
  try {
    writeFileSync(controllers, '-hugetlb');
  } catch {
    // Another's cgroup has taken it up meanwhile.
  }
}

/** Two that want the same processor, and one that waits for a disk. */
async function startBusy(disk: string): Promise<void> {
  const script = `
    echo $$ > ${root}${containerPath}/cgroup.procs
    for i in 1 2; do nice -n 19 taskset -c 0 sh -c 'while :; do :; done' & done
    while :; do nice -n 19 dd if=/dev/zero of=${disk} bs=1M count=8 oflag=direct conv=fsync; done`;
  const child = spawn('/bin/sh', ['-c', script], { stdio: 'ignore' });
  const exit = once(child, 'exit');
  parts.defer(async () => {
    writeFileSync(`${root}${prefix}/cgroup.kill`, '1');
    await exit;
  });
  await until('tasks of the container waited for a processor and a disk', () => {
    const { read } = realCgroup({ version: 2, root, path: containerPath });
    return ['cpu', 'io'].every((name) => /^some .*avg10=(?!0\.00).* total=[1-9]/.test(read(`${name}.pressure`) ?? ''));
  });
}
