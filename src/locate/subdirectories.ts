import { readdirSync } from 'node:fs';
import { errorCode, failureOf } from '../host/failures.ts';
import type { Problems } from '../problems.ts';

/**
 * The names of the directories in a directory. Symbolic links are left out: a tree of cgroups has none, and a copy of a host
 * must not lead out of itself. `gone` where there is no such directory, `busy` where the agent or the kernel was out of something and
 * nothing can be said of it now. One that may not be read has none. What cannot be read is reported.
 */
export function subdirectories(directory: string, problems: Problems): readonly string[] | 'gone' | 'busy' {
  try {
    const names: string[] = [];
    for (const entry of readdirSync(directory, { withFileTypes: true })) if (entry.isDirectory()) names.push(entry.name);
    return names;
  } catch (error) {
    const code = errorCode(error);
    const failure = failureOf(code);
    if (failure === 'absent') return 'gone';
    problems.report({
      kind: 'denied',
      owner: '',
      cause: `directory ${code}`,
      message: `${directory}: cannot be listed: ${code}`,
    });
    return failure === 'busy' ? 'busy' : [];
  }
}

/** The same for who comes again soon anyway: none where nothing can be said. */
export function subdirectoriesOrNone(directory: string, problems: Problems): readonly string[] {
  const names = subdirectories(directory, problems);
  return typeof names === 'string' ? [] : names;
}
