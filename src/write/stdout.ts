import type { Writable } from 'node:stream';
import { sendIrrevocably } from './irrevocable.ts';
import type { Outcome, Target } from './target.ts';

/**
 * Writes lines to a stream, a batch when the one before has left. `onClosed` is called once when nobody reads any more
 * (EPIPE), which for a command in a pipe is no failure.
 */
export function createStdoutTarget(stream: Writable, onClosed: (error: Error) => void): Target {
  let closed: Error | undefined;

  function fail(error: Error): void {
    if (closed !== undefined) return;
    closed = error;
    onClosed(error);
  }
  stream.on('error', fail);

  function write(body: Buffer): Promise<Outcome> {
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    stream.write(body, (error) => {
      // Before the outcome: who is told to stop does not log what follows from it.
      if (error) fail(error);
      resolve(error ? { kind: 'wait', reason: error.message } : { kind: 'taken', rejected: 0 });
    });
    return promise;
  }

  const send = sendIrrevocably(write);
  return {
    gzip: false,
    async send(body, points, signal) {
      return closed === undefined ? send(body, points, signal) : { kind: 'wait', reason: closed.message };
    },
  };
}
