/** What a failed system call on a kernel file means. */

/**
 * `absent`: the file is not there or not supported, or what it is about has ended. `busy`: the agent or the kernel was out
 * of something, and the next read may work. `denied`: it is there and cannot be read.
 */
export type Failure = 'absent' | 'busy' | 'denied';

const failures: ReadonlyMap<string, Failure> = new Map([
  ['ENOENT', 'absent'],
  ['ENOTDIR', 'absent'],
  ['ENODEV', 'absent'],
  ['ESRCH', 'absent'],
  ['EOPNOTSUPP', 'absent'],
  ['ENOTSUP', 'absent'],
  ['EMFILE', 'busy'],
  ['ENFILE', 'busy'],
  ['ENOMEM', 'busy'],
  ['EAGAIN', 'busy'],
  ['EINTR', 'busy'],
]);

export function failureOf(code: string): Failure {
  return failures.get(code) ?? 'denied';
}

/** The `code` of an error of the file system. Throws anything else again: that is an error in the program. */
export function errorCode(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  throw error;
}
