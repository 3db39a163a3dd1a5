/** A counter that falls between two cycles, in the real program: it is written as it is, and the rate is absent until it has a base again. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { unpackHost } from '../support/archive.ts';
import { until } from '../support/until.ts';
import { parseLine } from '../unit/write/parse-line.ts';

const main = join(import.meta.dirname, '../../src/main.ts');
const host = join(import.meta.dirname, 'cases/1.22-containerd-cgroupfs-v2-old-kernel/host.txt');
const container = '9f'.repeat(32);
const cpuStat = `kubepods/burstable/pod0b6a7c1e-52d4-4f0e-9a43-5d1c2f7b8e90/${container}/cpu.stat`;

test('a counter that begins anew has no rate in that cycle, and the right one after it', { timeout: 120_000 }, async () => {
  await using tree = await unpackHost(host);
  const file = openSync(join(tree.cgroupRoot, cpuStat), 'r+');
  /** In place and in one write, as long as what was there: nobody sees half of it. */
  const setUsage = (microseconds: number) => void writeSync(file, `usage_usec ${microseconds}`, 0);
  const child = spawn(
    process.execPath,
    [
      ...[main, 'run', '--source', 'cgroup', '--node-name', 'n', '--period', '300ms', '--output', 'stdout'],
      ...['--proc-root', tree.procRoot, '--cgroup-root', tree.cgroupRoot],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const seen: { readonly usage: bigint; readonly rate: bigint | undefined }[] = [];
  createInterface(child.stdout).on('line', (line) => {
    if (!line.startsWith('k8s_container,')) return;
    const { fields } = parseLine(line);
    const [usage, rate] = [fields['cpu_usage_core_nanoseconds'], fields['cpu_usage_nanocores']];
    if (typeof usage === 'bigint') seen.push({ usage, rate: typeof rate === 'bigint' ? rate : undefined });
  });
  /** A cycle that comes late has the next one on its heels, which has no rate: after too short a time it would say little. */
  const firstTold = (microseconds: number) => cyclesOf(microseconds).find(({ rate }) => rate !== undefined)?.rate;
  const cyclesOf = (microseconds: number) => seen.filter(({ usage }) => usage === BigInt(microseconds) * 1000n);
  try {
    for (const usage of [5_200_002, 5_300_002, 1_000_001, 1_000_001 + 90_000]) {
      setUsage(usage);
      await until(`two cycles of ${usage}`, () => cyclesOf(usage).length >= 2 && firstTold(usage) !== undefined);
    }
  } finally {
    child.kill('SIGTERM');
    await once(child, 'exit');
    closeSync(file);
  }
  const first = (microseconds: number) => cyclesOf(microseconds)[0]?.rate;
  expect(first(5_200_002)).toBeUndefined();
  expect(firstTold(5_200_002)).toBe(0n);
  expect(firstTold(5_300_002)).toBeGreaterThan(0n);
  expect(first(1_000_001)).toBeUndefined();
  expect(firstTold(1_000_001)).toBe(0n);
  expect(firstTold(1_090_001)).toBeGreaterThan(0n);
});
