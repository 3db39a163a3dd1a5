import { existsSync, readFileSync, readdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { until } from './until.ts';

/** Removes a cgroup and those below it; the kernel needs a moment after the last process has ended. */
export async function removeCgroup(directory: string): Promise<void> {
  if (!existsSync(directory)) return;
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (entry.isDirectory()) await removeCgroup(join(directory, entry.name));
  }
  await until(`${directory} has no process`, () => {
    try {
      rmdirSync(directory);
      return true;
    } catch {
      // It is busy for another moment.
      return false;
    }
  });
}

const leftoverTries = 250;
const pauseMilliseconds = 20;

/** What a run of the same test left behind that was killed: ends its processes, and removes the cgroup with those below it. */
export function clearLeftovers(directory: string): void {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let tries = 0; existsSync(directory) && tries < leftoverTries; tries += 1) {
    if (!clear(directory)) Atomics.wait(pause, 0, 0, pauseMilliseconds);
  }
}

/** False where something in it was still busy. */
function clear(directory: string): boolean {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (entry.isDirectory() && !clear(join(directory, entry.name))) return false;
  }
  try {
    for (const pid of readFileSync(join(directory, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean)) {
      process.kill(Number(pid), 'SIGKILL');
    }
    rmdirSync(directory);
    return true;
  } catch {
    return false;
  }
}
