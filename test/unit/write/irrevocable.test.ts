import { expect, test } from 'vitest';
import { sendIrrevocably } from '../../../src/write/irrevocable.ts';
import type { Outcome } from '../../../src/write/target.ts';
import { settled } from './scripted-target.ts';

const never = new AbortController().signal;
const taken: Outcome = { kind: 'taken', rejected: 0 };
const aborted = { kind: 'wait', reason: 'aborted' };

/** A disk that answers when the test says so, the oldest write first. */
function createSlow() {
  const begun: string[] = [];
  const answers: ((outcome: Outcome) => void)[] = [];
  const send = sendIrrevocably((body) => {
    begun.push(body.toString());
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    answers.push(resolve);
    return promise;
  });
  return { send, begun, answer: (outcome: Outcome) => answers.shift()?.(outcome) };
}

test('an abort ends the waiting, and the same batch is not begun again', async () => {
  const { send, begun, answer } = createSlow();
  const body = Buffer.from('one');
  const stop = new AbortController();
  const first = send(body, 1, stop.signal);
  stop.abort();
  expect(await first).toEqual(aborted);
  expect(await send(body, 1, stop.signal)).toEqual(aborted);
  const again = send(body, 1, never);
  answer(taken);
  expect(await again).toEqual(taken);
  expect(begun).toEqual(['one']);
});

test('what was written while nobody waited for it is not written again', async () => {
  const { send, begun, answer } = createSlow();
  const body = Buffer.from('one');
  expect(await send(body, 1, AbortSignal.abort())).toEqual(aborted);
  answer(taken);
  await settled();
  expect(await send(body, 1, never)).toEqual(taken);
  expect(begun).toEqual(['one']);
});

test('a batch that could not be written is written when it is sent again', async () => {
  const { send, begun, answer } = createSlow();
  const body = Buffer.from('one');
  const first = send(body, 1, never);
  await settled();
  answer({ kind: 'wait', reason: 'full' });
  expect(await first).toEqual({ kind: 'wait', reason: 'full' });
  const second = send(body, 1, never);
  await settled();
  answer(taken);
  expect(await second).toEqual(taken);
  expect(begun).toEqual(['one', 'one']);
});

test('another batch is begun when the one that was left is over', async () => {
  const { send, begun, answer } = createSlow();
  expect(await send(Buffer.from('one'), 1, AbortSignal.abort())).toEqual(aborted);
  const second = send(Buffer.from('two'), 1, never);
  await settled();
  expect(begun).toEqual(['one']);
  answer({ kind: 'wait', reason: 'full' });
  await settled();
  expect(begun).toEqual(['one', 'two']);
  answer(taken);
  expect(await second).toEqual(taken);
});
