/** Runs floor.c on the files that a running agent reads. */
import { execFile } from 'node:child_process';
import { mkdtempDisposableSync, readdirSync, readlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface FloorFiles {
  /** Those the agent keeps open. */
  readonly kept: readonly string[];
  /** Those it opens every cycle. */
  readonly opened: readonly string[];
  /** The limits, which it opens every 30 s. */
  readonly rare: readonly string[];
}

const limitBeside: Readonly<Record<string, string>> = {
  'memory.usage_in_bytes': 'memory.limit_in_bytes',
  'memory.current': 'memory.max',
  'pids.current': 'pids.max',
};

/** What the agent holds open says what it reads: the kept files themselves, and the processes whose `net/dev` it opens. */
export function filesOf(agentPid: number, cgroupRoot = '/sys/fs/cgroup'): FloorFiles {
  const kept: string[] = [];
  const opened: string[] = [];
  for (const fd of readdirSync(`/proc/${agentPid}/fd`)) {
    const path = linkOf(`/proc/${agentPid}/fd/${fd}`);
    if (path.startsWith(`${cgroupRoot}/`)) kept.push(path);
    if (/^\/proc\/\d+$/.test(path)) opened.push(`${path}/net/dev`);
  }
  const rare = kept.flatMap((path) => {
    const limit = limitBeside[basename(path)];
    return limit === undefined ? [] : [join(dirname(path), limit)];
  });
  return { kept, opened, rare };
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

/** CPU nanoseconds of each cycle, at the agent's own pace: a cycle a period, so that caches are as cold. */
export async function runFloor(
  { kept, opened, rare }: FloorFiles,
  periodMs: number,
  cycles: number,
): Promise<readonly number[]> {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'podgauge-floor-'));
  const program = join(folder.path, 'floor');
  await run('gcc', ['-O2', '-o', program, join(import.meta.dirname, 'floor.c')]);
  const running = run(program, [String(periodMs), String(cycles)]);
  const list = [
    ...kept.map((path) => `K ${path}\n`),
    ...opened.map((path) => `O ${path}\n`),
    ...rare.map((path) => `R ${path}\n`),
  ];
  running.child.stdin?.end(list.join(''));
  const { stdout } = await running;
  return stdout.trim().split('\n').map(Number);
}
