import { readdirSync } from 'node:fs';
import { errorCode, failureOf } from '../host/failures.ts';
import type { Problems } from '../problems.ts';

/**
 * The names of the directories in a directory. Symbolic links are left out: a tree of cgroups has none, and a copy of a host
 * must not lead out of itself. `undefined` where the directory is gone; one that cannot be read is reported and has none.
 */
export function subdirectories(directory: string, problems: Problems): readonly string[] | undefined {
  try {
    const names: string[] = [];
    for (const entry of readdirSync(directory, { withFileTypes: true })) if (entry.isDirectory()) names.push(entry.name);
    return names;
  } catch (error) {
    const code = errorCode(error);
    if (failureOf(code) === 'absent') return undefined;
    problems.report({
      kind: 'denied',
      owner: '',
      cause: `directory ${code}`,
      message: `${directory}: cannot be listed: ${code}`,
    });
    return [];
  }
}
