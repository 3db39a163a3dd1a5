import { PassThrough, Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { createStdoutTarget } from '../../../src/write/stdout.ts';
import { settled } from './scripted-target.ts';

const never = new AbortController().signal;
const taken = { kind: 'taken', rejected: 0 };
const fail = (error: Error): void => {
  throw error;
};

/** A stream whose writes end when the test says so. */
function createSlow(): { readonly stream: Writable; readonly written: string[]; go(error?: Error): void } {
  const written: string[] = [];
  let done: (error?: Error) => void = () => {};
  const stream = new Writable({
    write(chunk, _encoding, callback) {
      written.push(String(chunk));
      done = callback;
    },
  });
  return { stream, written, go: (error) => done(error) };
}

test('writes lines as they are, and wants no gzip', async () => {
  const stream = new PassThrough();
  const target = createStdoutTarget(stream, fail);
  expect(target.gzip).toBe(false);
  expect(await target.send(Buffer.from('one\n'), 1, never)).toEqual(taken);
  expect(await target.send(Buffer.from('two\n'), 1, never)).toEqual(taken);
  expect(String(stream.read())).toBe('one\ntwo\n');
});

test('is done with a batch when the stream is', async () => {
  const { stream, written, go } = createSlow();
  let outcome: unknown;
  const sending = createStdoutTarget(stream, fail)
    .send(Buffer.from('one\n'), 1, never)
    .then((value) => (outcome = value));
  await settled();
  expect([written, outcome]).toEqual([['one\n'], undefined]);
  go();
  await sending;
  expect(outcome).toEqual(taken);
});

test('a batch that an abort left in the stream is not written again', async () => {
  const { stream, written, go } = createSlow();
  const target = createStdoutTarget(stream, fail);
  const body = Buffer.from('one\n');
  const stop = new AbortController();
  const first = target.send(body, 1, stop.signal);
  stop.abort();
  expect(await first).toEqual({ kind: 'wait', reason: 'aborted' });
  const second = target.send(body, 1, never);
  await settled();
  go();
  expect(await second).toEqual(taken);
  expect(written).toEqual(['one\n']);
});

test('tells once that nobody reads any more, before the batch has its outcome', async () => {
  const { stream, go } = createSlow();
  const events: string[] = [];
  const target = createStdoutTarget(stream, (error) => events.push(error.message));
  const sending = target.send(Buffer.from('one\n'), 1, never).then(({ kind }) => events.push(kind));
  await settled();
  go(new Error('write EPIPE'));
  await sending;
  await settled();
  expect(events).toEqual(['write EPIPE', 'wait']);
  expect(await target.send(Buffer.from('two\n'), 1, never)).toEqual({ kind: 'wait', reason: 'write EPIPE' });
  expect(events).toEqual(['write EPIPE', 'wait']);
});
