import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { Outcome } from '../../../src/write/target.ts';
import { setUp } from './queue-bench.ts';
import { batch, settled } from './scripted-target.ts';

const taken: Outcome = { kind: 'taken', rejected: 0 };
const bisect: Outcome = { kind: 'bisect', reason: 'HTTP 400: bad line' };
const down: Outcome = { kind: 'wait', reason: 'connect ECONNREFUSED' };
const broken: Outcome = { kind: 'wait', reason: 'HTTP 500', suspect: true };

test('sends batches one at a time, the oldest first', async () => {
  const { queue, target, stop } = setUp();
  const ended = queue.run(stop.signal);
  queue.add([batch('a1', 'a2'), batch('b')]);
  await settled();
  expect(target.inFlight).toEqual(['a1', 'a2']);
  queue.add([batch('c')]);
  await settled();
  expect(target.inFlight).toEqual(['a1', 'a2']);
  await target.answer(taken);
  expect(target.inFlight).toEqual(['b']);
  await target.answer(taken);
  expect(target.inFlight).toEqual(['c']);
  await target.answer({ kind: 'taken', rejected: 1, reason: 'HTTP 422' });
  expect(queue.stats).toEqual({ sent: 3, rejected: 1, dropped: 0, waiting: 0, failed: 0, bytes: 0, batches: 0 });
  stop.abort();
  await ended;
});

test('compresses once and counts the compressed bytes', async () => {
  const { queue, target, stop } = setUp(1_000_000, true);
  const ended = queue.run(stop.signal);
  queue.add([batch(...Array.from({ length: 1000 }, (_, i) => `line ${i % 10}`))]);
  await target.asked();
  expect(target.inFlight).toHaveLength(1000);
  expect(queue.stats.bytes).toBeLessThan(500);
  await target.answer({ kind: 'split', reason: 'HTTP 413' });
  await target.asked();
  expect(target.inFlight).toHaveLength(500);
  await target.answer(taken);
  await target.asked();
  await target.answer(taken);
  expect(queue.stats).toMatchObject({ sent: 1000, waiting: 0, bytes: 0 });
  stop.abort();
  await ended;
});

test('gives back the memory of what the target is done with, and of the plain text once it is compressed; of nothing else', async () => {
  const bodies: Buffer[] = [];
  const { queue, stop } = setUp(1_000_000, true, async (body) => {
    bodies.push(body);
    if (bodies.length === 3) stop.abort();
    return { kind: 'taken', rejected: 0, done: bodies.length === 1 };
  });
  const texts = ['first', 'second', 'third'].map((text) => Buffer.from(new Uint8Array(Buffer.from(`${text}\n`)).buffer));
  const whole = texts[2]?.buffer.byteLength;
  queue.add(texts.slice(0, 2).map((body) => ({ body, points: 1 })));
  const part = texts[2]?.subarray(0, 3) ?? Buffer.alloc(0);
  queue.add([{ body: part, points: 1 }]);
  await queue.run(stop.signal);
  expect(bodies.map((body) => (body.length === 0 ? 'given back' : gunzipSync(body).toString()))).toEqual([
    'given back',
    'second\n',
    'thi',
  ]);
  expect(texts.map(({ buffer }) => buffer.byteLength)).toEqual([0, 0, whole]);
});

test('waits with growing pauses while the target is down, for as long as the target asks if it does', async () => {
  const { queue, target, waits, stop } = setUp();
  const ended = queue.run(stop.signal);
  queue.add([batch('a')]);
  await settled();
  for (const outcome of [down, down, down, { ...down, retryAfterMs: 7000 }, down]) await target.answer(outcome);
  expect(waits).toEqual([500, 1000, 2000, 7000, 8000]);
  await target.answer(taken);
  queue.add([batch('b')]);
  await settled();
  await target.answer(down);
  expect(waits.at(-1)).toBe(500);
  expect(queue.stats).toMatchObject({ sent: 1, waiting: 1, failed: 6 });
  stop.abort();
  await ended;
});

test('says once that the target is down, each new reason once, and once that it is back', async () => {
  const { queue, target, logged, stop } = setUp();
  const ended = queue.run(stop.signal);
  queue.add([batch('a', 'b')]);
  await settled();
  for (const outcome of [down, down, broken, down]) await target.answer(outcome);
  await target.answer(taken);
  expect(logged).toEqual([
    {
      level: 'warn',
      data: { reason: 'connect ECONNREFUSED', waitingPoints: 2 },
      message: 'Target does not take points: they wait',
    },
    { level: 'warn', data: { reason: 'HTTP 500', waitingPoints: 2 }, message: 'Target does not take points: they wait' },
    { level: 'info', data: { seconds: 8, waitingPoints: 0 }, message: 'Target takes points again' },
  ]);
  stop.abort();
  await ended;
});

test('drops the oldest over the cap, but never the batch in flight', async () => {
  const bench = setUp(30);
  const { queue, target, logged, stop } = bench;
  const ended = queue.run(stop.signal);
  queue.add([batch('aaaaaaaaa')]);
  await settled();
  expect(queue.stats.droppedAt).toBeUndefined();
  queue.add([batch('bbbbbbbbb'), batch('ccccccccc'), batch('ddddddddd')]);
  expect(queue.stats).toMatchObject({ dropped: 1, waiting: 3, bytes: 30, batches: 3, droppedAt: 0 });
  bench.clock = 7;
  await target.answer(taken);
  expect(target.inFlight).toEqual(['ccccccccc']);
  queue.add([batch('e'.repeat(50))]);
  expect(queue.stats).toMatchObject({ dropped: 3, waiting: 1, batches: 1 });
  await target.answer(taken);
  expect(queue.stats).toEqual({ sent: 2, rejected: 0, dropped: 3, waiting: 0, failed: 0, bytes: 0, batches: 0, droppedAt: 7 });
  expect(logged).toEqual([
    {
      level: 'warn',
      data: { reason: 'the queue is full', waitingBytes: 30, droppedPoints: 1 },
      message: 'Dropped points that waited for the target',
    },
  ]);
  stop.abort();
  await ended;
});

test('bisects to the bad line, which it rejects and quotes, and sends all others', async () => {
  const { queue, target, logged, stop } = setUp();
  const ended = queue.run(stop.signal);
  queue.add([batch('g1', 'g2', `bad${'x'.repeat(400)}`, 'g3', 'g4'), batch('g5')]);
  await settled();
  const kept: string[] = [];
  while (target.inFlight !== undefined) {
    const lines = target.inFlight;
    const refused = lines.some((line) => line.startsWith('bad'));
    if (!refused) kept.push(...lines);
    await target.answer(refused ? bisect : taken);
  }
  expect(kept).toEqual(['g1', 'g2', 'g3', 'g4', 'g5']);
  expect(queue.stats).toMatchObject({ sent: 5, rejected: 1, waiting: 0, failed: 0 });
  expect(logged).toEqual([
    {
      level: 'warn',
      data: { reason: 'HTTP 400: bad line', line: `bad${'x'.repeat(297)}`, rejectedPoints: 1 },
      message: 'Target refused a point',
    },
  ]);
  stop.abort();
  await ended;
});

test('when all lines are refused it says so once a minute', async () => {
  const bench = setUp();
  const { queue, target, logged, stop } = bench;
  const ended = queue.run(stop.signal);
  queue.add([batch('a', 'b', 'c')]);
  await settled();
  while (target.inFlight !== undefined) await target.answer(bisect);
  expect(logged).toHaveLength(1);
  bench.clock += 60_000;
  queue.add([batch('d')]);
  await settled();
  await target.answer(bisect);
  expect(logged).toHaveLength(2);
  expect(queue.stats.rejected).toBe(4);
  stop.abort();
  await ended;
});

test('an aborted run keeps the batch in flight, and drain sends it and the rest', async () => {
  const { queue, target, logged, stop } = setUp();
  const ended = queue.run(stop.signal);
  queue.add([batch('a'), batch('b')]);
  await settled();
  stop.abort();
  await ended;
  expect(queue.stats).toMatchObject({ waiting: 2, failed: 0 });
  const drained = queue.drain(new AbortController().signal);
  await settled();
  expect(target.inFlight).toEqual(['a']);
  await target.answer(taken);
  await target.answer(down);
  await target.answer(taken);
  expect(await drained).toBe(0);
  expect(logged).toHaveLength(2);
});

test('drain gives up when its signal aborts and tells what is left', async () => {
  const { queue } = setUp();
  queue.add([batch('a', 'b'), batch('c')]);
  const stop = new AbortController();
  const drained = queue.drain(stop.signal);
  await settled();
  stop.abort();
  expect(await drained).toBe(3);
});

test('a run with nothing to send ends when its signal aborts', async () => {
  const { queue, stop } = setUp();
  const ended = queue.run(stop.signal);
  await settled();
  stop.abort();
  await expect(ended).resolves.toBeUndefined();
});
