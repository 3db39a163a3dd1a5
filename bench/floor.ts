/** Runs floor.c on the files that a running agent reads. */
import { execFile } from 'node:child_process';
import { mkdtempDisposableSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { FloorFiles } from './floor-files.ts';

const run = promisify(execFile);
/** How often the agent reads what changes rarely. */
const rareMs = 30_000;

/** CPU nanoseconds of each cycle, at the agent's own pace: a cycle a period, so that caches are as cold. */
export async function runFloor(
  { kept, opened, rare }: FloorFiles,
  periodMs: number,
  cycles: number,
): Promise<readonly number[]> {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'podgauge-floor-'));
  const program = join(folder.path, 'floor');
  await run('gcc', ['-O2', '-o', program, join(import.meta.dirname, 'floor.c')]);
  const rareEvery = Math.max(1, Math.round(rareMs / periodMs));
  const running = run(program, [String(periodMs), String(cycles), String(rareEvery)], { maxBuffer: 2 ** 24 });
  const list = [
    ...kept.map((path) => `K ${path}\n`),
    ...opened.map((path) => `O ${path}\n`),
    ...rare.map((path) => `R ${path}\n`),
  ];
  running.child.stdin?.end(list.join(''));
  const { stdout } = await running;
  return stdout.trim().split('\n').map(Number);
}
