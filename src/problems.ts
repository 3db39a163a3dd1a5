/** Counts what went wrong by kind, and logs each cause once, so that a thousand equal failures are one line. */

/**
 * `gone`: the thing ended between two looks, which is normal and never logged. `denied`: it is there and may not be read.
 * `malformed`: a line of a kernel file was not understood. `slow`: a file is not read now, because reading it takes too long.
 * `object`: an object of the API server was not understood. `fault`: an error of podgauge itself, which none should be.
 */
export type ProblemKind = 'gone' | 'denied' | 'malformed' | 'slow' | 'object' | 'fault';

export interface Problem {
  readonly kind: ProblemKind;
  /** Whose problem it is: a pod's UID, or the empty string for the node's own. */
  readonly owner: string;
  /** The same for all equal failures of one owner: `memory.stat EACCES`. */
  readonly cause: string;
  /** One line that names the path and quotes what was found. */
  readonly message: string;
  /** What was thrown, where its stack is of use. */
  readonly err?: unknown;
}

export interface Problems {
  report(problem: Problem): void;
  /** Lets go of all that is kept for an owner that ended. */
  forget(owner: string): void;
  /** What was logged under a first name is not logged again under the one that its owner turned out to have. */
  rename(first: string, owner: string): void;
  readonly counts: Readonly<Record<ProblemKind, number>>;
  /** Causes kept so as not to be logged again. */
  readonly marks: number;
}

export interface Logger {
  debug(data: object, message: string): void;
  info(data: object, message: string): void;
  warn(data: object, message: string): void;
  error(data: object, message: string): void;
}

/** Most marks kept for one owner: an owner cannot make the log or the memory grow without bound. */
const marksPerOwner = 32;

export function createProblems(log: Logger): Problems {
  const counts: Record<ProblemKind, number> = { gone: 0, denied: 0, malformed: 0, slow: 0, object: 0, fault: 0 };
  const marksOf = new Map<string, Set<string>>();
  return {
    report(problem) {
      counts[problem.kind] += 1;
      if (problem.kind === 'gone') return;
      let marks = marksOf.get(problem.owner);
      if (marks === undefined) marksOf.set(problem.owner, (marks = new Set()));
      if (marks.has(problem.cause) || marks.size >= marksPerOwner) return;
      marks.add(problem.cause);
      const { kind, owner, cause, message, err } = problem;
      if (kind === 'fault') log.error({ kind, owner, cause, err }, message);
      else log.warn({ kind, owner, cause }, message);
    },
    forget(owner) {
      marksOf.delete(owner);
    },
    rename(first, owner) {
      const logged = marksOf.get(first);
      if (logged === undefined) return;
      marksOf.delete(first);
      marksOf.set(owner, logged.union(marksOf.get(owner) ?? new Set()));
    },
    counts,
    get marks() {
      let sum = 0;
      for (const marks of marksOf.values()) sum += marks.size;
      return sum;
    },
  };
}

/** The same error of the same owner, again and again, is one cause. */
export function faultOf(owner: string, err: unknown, message: string): Problem {
  return { kind: 'fault', owner, cause: `${message}: ${String(err)}`, message, err };
}
