import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { createEventWatches } from '../../../src/collect/event-watches.ts';
import { createProblems } from '../../../src/problems.ts';

/** Watches on a clock that the test moves; a wait ends when the test says so. */
async function watching(max = 10) {
  const folder = await mkdtemp(join(tmpdir(), 'podgauge-events-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const warnings: string[] = [];
  const faults: unknown[] = [];
  const waits: { readonly milliseconds: number; readonly end: () => void }[] = [];
  const clock = { time: 0 };
  const ignore = (): void => undefined;
  const watches = createEventWatches({
    max,
    problems: createProblems({
      debug: ignore,
      info: ignore,
      error: ignore,
      warn: (_, message) => void warnings.push(message.replaceAll(folder, '')),
    }),
    now: () => clock.time,
    wait(milliseconds) {
      const { promise, resolve } = Promise.withResolvers<void>();
      waits.push({ milliseconds, end: resolve });
      return promise;
    },
    signal: stop.signal,
    fault: (error) => void faults.push(error),
  });
  const file = join(folder, 'memory.events');
  await writeFile(file, 'oom_kill 0\n');
  return { watches, file, folder, stop, warnings, faults, waits, clock };
}

/** Until the kernel has told of everything so far, and that was heard. */
async function heard(condition: () => boolean): Promise<void> {
  while (!condition()) await setTimeout(5);
}

test('calls after a change, and not after its end', async () => {
  const { watches, file } = await watching();
  let [calls, others] = [0, 0];
  const watch = watches.watch(file, () => (calls += 1));
  watches.watch(file, () => (others += 1));
  expect(watches.open).toBe(2);
  await writeFile(file, 'oom_kill 1\n');
  await heard(() => calls > 0 && others > 0);
  watch.close();
  watch.close();
  expect(watches.open).toBe(1);
  const before = [calls, others];
  await writeFile(file, 'oom_kill 2\n');
  await heard(() => others > (before[1] ?? 0));
  expect(calls).toBe(before[0]);
});

test('of a thousand changes the first are told at once, and the last one after a while', async () => {
  const { watches, file, waits, clock } = await watching();
  let calls = 0;
  watches.watch(file, () => (calls += 1));
  while (waits.length === 0) {
    await writeFile(file, `max ${calls}\n`);
    await setImmediate();
  }
  expect(calls).toBe(10);
  for (let i = 0; i < 100; i += 1) await writeFile(file, `max ${i}\n`);
  await setTimeout(50);
  expect([calls, waits.map(({ milliseconds }) => milliseconds)]).toEqual([10, [100]]);
  clock.time = 100;
  waits[0]?.end();
  await heard(() => calls === 11);
});

test('a watch that ends while it waits calls no more', async () => {
  const { watches, file, waits } = await watching();
  let calls = 0;
  const watch = watches.watch(file, () => (calls += 1));
  while (waits.length === 0) {
    await writeFile(file, 'max 1\n');
    await setImmediate();
  }
  watch.close();
  waits[0]?.end();
  await setImmediate();
  expect([calls, watches.open]).toEqual([10, 0]);
});

test('nothing is called once the agent has stopped', async () => {
  const { watches, file, stop } = await watching();
  let calls = 0;
  watches.watch(file, () => (calls += 1));
  stop.abort();
  await writeFile(file, 'oom_kill 1\n');
  await setTimeout(50);
  expect(calls).toBe(0);
});

test('a callback that throws costs nothing else', async () => {
  const { watches, file, faults } = await watching();
  let calls = 0;
  watches.watch(file, () => {
    throw new Error('broken');
  });
  watches.watch(file, () => (calls += 1));
  await writeFile(file, 'oom_kill 1\n');
  await heard(() => calls > 0 && faults.length > 0);
  expect(faults[0]).toEqual(new Error('broken'));
});

test('a file that is absent is no problem, and no watch', async () => {
  const { watches, folder, warnings } = await watching();
  watches.watch(join(folder, 'absent'), () => undefined).close();
  expect([watches.open, warnings]).toEqual([0, []]);
});

test('where there are too many the rest goes without, and that is said once', async () => {
  const { watches, file, warnings } = await watching(1);
  for (let i = 0; i < 3; i += 1) watches.watch(file, () => undefined);
  expect([watches.open, warnings]).toEqual([
    1,
    ['Cannot watch "/memory.events": 1 are watched already; the last numbers of what dies between two cycles are lost'],
  ]);
});
