/** Runs floor.c on the files that a running agent reads. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface FloorFiles {
  /** Those the agent keeps open. */
  readonly kept: readonly string[];
  /** Those it opens every cycle. */
  readonly opened: readonly string[];
}

/** What the agent holds open says what it reads: the kept files themselves, and the processes whose `net/dev` it opens. */
export function filesOf(agentPid: number, cgroupRoot = '/sys/fs/cgroup'): FloorFiles {
  const kept: string[] = [];
  const opened: string[] = [];
  for (const fd of readdirSync(`/proc/${agentPid}/fd`)) {
    const path = linkOf(`/proc/${agentPid}/fd/${fd}`);
    if (path.startsWith(`${cgroupRoot}/`)) kept.push(path);
    if (/^\/proc\/\d+$/.test(path)) opened.push(`${path}/net/dev`);
  }
  return { kept, opened };
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

/** CPU nanoseconds of each cycle, at the agent's own pace: a cycle a period, so that caches are as cold. */
export async function runFloor({ kept, opened }: FloorFiles, periodMs: number, cycles: number): Promise<readonly number[]> {
  const program = join(mkdtempSync(join(tmpdir(), 'podgauge-floor-')), 'floor');
  await run('gcc', ['-O2', '-o', program, join(import.meta.dirname, 'floor.c')]);
  const running = run(program, [String(periodMs), String(cycles)]);
  running.child.stdin?.end([...kept.map((path) => `K ${path}\n`), ...opened.map((path) => `O ${path}\n`)].join(''));
  const { stdout } = await running;
  return stdout.trim().split('\n').map(Number);
}
