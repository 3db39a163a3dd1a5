/** The log: JSON lines, which escape every control character, on pino without its transports (worker threads). */
import { pino } from 'pino';
import type { LogLevel } from './config/config.ts';
import type { Logger } from './problems.ts';

export interface LogOptions {
  readonly level: LogLevel;
  /** Takes one line with its newline, and never waits. */
  write(line: string): void;
}

/** Errors belong under the key `err`. */
export function createLogger({ level, write }: LogOptions): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: (error: unknown) => describeError(error, deepestCause) },
    },
    {
      write: (line: string) =>
        write(line.replaceAll(unescaped, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)),
    },
  );
}

/** What JSON lets stand and a terminal or a reader of lines may act on: DEL, the C1 controls, Unicode's line ends. */
const unescaped = /[\u007f-\u009f\u2028\u2029]/g;

const deepestCause = 3;

/** Only what is known to be harmless: errors of HTTP clients carry the request, and with it the token. */
function describeError(error: unknown, depth: number): unknown {
  if (!(error instanceof Error)) return typeof error === 'object' ? 'not an Error' : String(error);
  const { name, message, stack, cause } = error;
  return {
    name,
    message,
    ...('code' in error && typeof error.code === 'string' ? { code: error.code } : {}),
    // Node gives one of these, with an empty message, when it has tried several addresses of a host.
    ...(error instanceof AggregateError && depth > 0
      ? { errors: error.errors.map((inner) => describeError(inner, depth - 1)) }
      : {}),
    ...(cause !== undefined && depth > 0 ? { cause: describeError(cause, depth - 1) } : {}),
    ...(depth === deepestCause ? { stack } : {}),
  };
}

export interface LogOutput {
  write(line: string): void;
  /** Resolves with true once all is written, with false when the signal aborts first or the reader is gone. */
  flush(signal: AbortSignal): Promise<boolean>;
  /** Lines lost because the reader did not keep up, or is gone. */
  readonly dropped: number;
}

/** Most bytes that wait for a reader who stalls: beyond it lines are dropped, since the program must not stall with it. */
const mostWaiting = 1024 * 1024;

/** Writes to an open file descriptor, each line at once but without waiting for it. */
export function openLogOutput(fd: number): LogOutput {
  const destination = pino.destination({ fd, sync: false, minLength: 0, maxLength: mostWaiting });
  let dropped = 0;
  let idle = true;
  let broken = false;
  destination.on('drop', () => (dropped += 1));
  destination.on('drain', () => (idle = true));
  // With nowhere left to log to there is nothing to tell anyone; the work goes on.
  destination.on('error', () => (broken = true));
  return {
    write(line) {
      if (broken) {
        dropped += 1;
        return;
      }
      idle = false;
      destination.write(line);
    },
    flush(signal) {
      if (idle || broken || signal.aborted) return Promise.resolve(idle);
      const { promise, resolve } = Promise.withResolvers<boolean>();
      const done = (): void => resolve(idle);
      destination.once('drain', done);
      destination.once('error', done);
      signal.addEventListener('abort', done, { once: true });
      return promise;
    },
    get dropped() {
      return dropped;
    },
  };
}
