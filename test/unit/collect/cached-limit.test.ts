import { expect, test } from 'vitest';
import { cachedLimit } from '../../../src/collect/cached-limit.ts';
import type { KernelFile } from '../../../src/host/kernel-file.ts';
import type { Parser } from '../../../src/host/parser.ts';

/** A file whose text the test sets; counts how often it is read. */
function limitFile() {
  const state = { text: '100\n', reads: 0 };
  const file: KernelFile = {
    failure: undefined,
    inode: 1,
    readAt: 0,
    parse<T>(parser: Parser<T>) {
      state.reads += 1;
      const bytes = Buffer.from(state.text);
      return parser(bytes, bytes.length, () => expect.fail('malformed'));
    },
    close: () => undefined,
  };
  return { state, file };
}

test('is read at once, then at most 30 s later, then every 30 s', () => {
  const { state, file } = limitFile();
  let time = 0;
  const limit = cachedLimit(file, { now: () => time, seed: '/kubepods/pod1' });
  expect(limit()).toBe(100);
  state.text = '200\n';
  expect([limit(), state.reads]).toEqual([100, 1]);
  time = 30_000;
  expect([limit(), state.reads]).toEqual([200, 2]);
  time = 59_999;
  limit();
  expect(state.reads).toBe(2);
  time = 60_000;
  limit();
  expect(state.reads).toBe(3);
});

test('without a limit there is none, and none without a file', () => {
  const { state, file } = limitFile();
  state.text = 'max\n';
  expect(cachedLimit(file, { now: () => 0, seed: '' })()).toBeUndefined();
  expect(cachedLimit(undefined, { now: () => 0, seed: '' })()).toBeUndefined();
});

test('limits that were first read together are read again in different cycles', () => {
  let time = 0;
  const files = Array.from({ length: 100 }, limitFile);
  const limits = files.map(({ file }, i) => cachedLimit(file, { now: () => time, seed: `/kubepods/pod${i}` }));
  let most = 0;
  for (time = 0; time <= 30_000; time += 1000) {
    const before = files.reduce((sum, { state }) => sum + state.reads, 0);
    for (const limit of limits) limit();
    if (time > 0) most = Math.max(most, files.reduce((sum, { state }) => sum + state.reads, 0) - before);
  }
  expect(most).toBeLessThan(20);
});
