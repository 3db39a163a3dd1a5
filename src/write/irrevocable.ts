import type { Outcome, Target } from './target.ts';
import { untilAborted } from '../until-aborted.ts';

/**
 * The `send` of a target that cannot take back what it has begun to write. An abort ends the waiting alone; asked to send the same batch
 * again, it waits for the same write. Another batch is begun when that is over, so that none is written twice or into another. `write`
 * must not reject.
 */
export function sendIrrevocably(write: (body: Buffer) => Promise<Outcome>): Target['send'] {
  let pending: { readonly body: Buffer; readonly outcome: Promise<Outcome> } | undefined;

  async function writeAfter(before: Promise<Outcome> | undefined, body: Buffer): Promise<Outcome> {
    if (before !== undefined) await before;
    return write(body);
  }

  return async (body, _points, signal) => {
    if (pending?.body !== body) pending = { body, outcome: writeAfter(pending?.outcome, body) };
    const outcome = await untilAborted(pending.outcome, signal);
    if (outcome === undefined) return { kind: 'wait', reason: 'aborted' };
    pending = undefined;
    return outcome;
  };
}
