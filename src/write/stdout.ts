import type { Writable } from 'node:stream';
import type { Outcome, Target } from './target.ts';

/**
 * Writes lines to a stream, a batch when the one before has left. `onClosed` is called once when nobody reads any more
 * (EPIPE), which for a command in a pipe is no failure.
 */
export function createStdoutTarget(stream: Writable, onClosed: (error: Error) => void): Target {
  let closed: Error | undefined;
  /** The batch handed to the stream, which cannot be taken back: asked to send it again, we wait for it. */
  let pending: { readonly body: Buffer; readonly outcome: Promise<Outcome> } | undefined;

  function fail(error: Error): void {
    if (closed !== undefined) return;
    closed = error;
    onClosed(error);
  }
  stream.on('error', fail);

  function write(body: Buffer): Promise<Outcome> {
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    stream.write(body, (error) => {
      pending = undefined;
      // Before the outcome: who is told to stop does not log what follows from it.
      if (error) fail(error);
      resolve(error ? { kind: 'wait', reason: error.message } : { kind: 'taken', rejected: 0 });
    });
    return promise;
  }

  return {
    gzip: false,
    async send(body, _points, signal) {
      if (closed !== undefined) return { kind: 'wait', reason: closed.message };
      if (pending?.body !== body) pending = { body, outcome: write(body) };
      const { promise: aborted, resolve } = Promise.withResolvers<Outcome>();
      const abort = (): void => resolve({ kind: 'wait', reason: 'aborted' });
      signal.addEventListener('abort', abort);
      if (signal.aborted) abort();
      const outcome = await Promise.race([pending.outcome, aborted]);
      signal.removeEventListener('abort', abort);
      return outcome;
    },
  };
}
