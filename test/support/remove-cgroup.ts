import { existsSync, readdirSync, rmdirSync } from 'node:fs';
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
