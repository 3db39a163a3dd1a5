import { failureOf } from '../host/failures.ts';
import type { Problem } from '../problems.ts';
import type { Tree } from './walk-trees.ts';

const forbidden: readonly string[] = ['EACCES', 'EPERM'];

/** Whether it failed for want of a right, which no waiting cures. */
export function isRefusal(failure: string): boolean {
  return forbidden.includes(failure);
}

/** What a bound that was met, or another failure with a name of our own, means. */
const meanings: ReadonlyMap<string, string> = new Map([
  ['entries', 'it has more files than one walk looks at'],
  ['depth', 'its directories are nested deeper than one walk goes'],
  ['milliseconds', 'it took longer than one walk may take'],
  ['hardLinks', 'it has more hard links than one walk remembers'],
  ['waitingBytes', 'it has more directories side by side than one walk remembers'],
  ['hung', 'the file system does not answer'],
  ['ended', 'the thread that walks has ended'],
  ['ERR_WORKER_OUT_OF_MEMORY', 'the thread that walks ran out of memory'],
]);

/** `undefined` for what is normal: the container has no writable layer. */
export function problemOf({ owner, what, of }: Tree, failure: string): Problem | undefined {
  const path = typeof of === 'string' ? JSON.stringify(of) : `pid ${of}`;
  const problem = (kind: Problem['kind'], why: string): Problem => {
    return { kind, owner, cause: `walk ${what} ${failure}`, message: `The ${what} (${path}) is not measured: ${why}` };
  };
  if (failure === 'none') return undefined;
  if (isRefusal(failure)) {
    const remedy =
      'the walk needs root or CAP_DAC_READ_SEARCH, and CAP_SYS_PTRACE too where it sees the host through /proc/1/root';
    return { ...problem('denied', `${failure}: ${remedy}`), owner: '', cause: `walk ${failure}` };
  }
  if (failure === 'remote') return problem('denied', 'it is on a network file system, which is never walked');
  if (failure === 'links') return problem('denied', 'it holds links to files that the runtime keeps elsewhere');
  const meaning = meanings.get(failure);
  if (meaning !== undefined) return problem('slow', meaning);
  if (failureOf(failure) !== 'absent') return problem('denied', failure);
  return owner === '' ? problem('denied', `${failure}: it has to be mounted, or is elsewhere`) : problem('gone', failure);
}
