import { expect, test } from 'vitest';
import type { Outcome } from '../../../src/write/target.ts';
import { setUp } from './queue-bench.ts';
import { batch, settled } from './scripted-target.ts';

const taken: Outcome = { kind: 'taken', rejected: 0 };
const broken: Outcome = { kind: 'wait', reason: 'HTTP 500', suspect: true };

test('a batch that always fails lets the others go first, and its bad line alone is rejected', async () => {
  const { queue, target, stop } = setUp();
  const ended = queue.run(stop.signal);
  queue.add([batch('g1', 'poison', 'g2'), batch('g3')]);
  await settled();
  const kept: string[] = [];
  for (let more = 0; target.inFlight !== undefined;) {
    const lines = target.inFlight;
    const poisoned = lines.includes('poison');
    if (!poisoned) kept.push(...lines);
    // A batch comes in now and then, so that the target shows that it takes others.
    if (more < 5 && !poisoned) queue.add([batch(`later${(more += 1)}`)]);
    await target.answer(poisoned ? broken : taken);
  }
  expect(kept.toSorted()).toEqual(['g1', 'g2', 'g3', 'later1', 'later2', 'later3', 'later4', 'later5']);
  expect(queue.stats).toMatchObject({ sent: 8, rejected: 1, waiting: 0 });
  stop.abort();
  await ended;
});

test('while a target fails for all batches none is split or rejected', async () => {
  const { queue, target, stop } = setUp();
  const ended = queue.run(stop.signal);
  queue.add([batch('a', 'b'), batch('c')]);
  await settled();
  for (let i = 0; i < 100; i += 1) await target.answer(broken);
  expect(queue.stats).toMatchObject({ waiting: 3, rejected: 0, batches: 2, failed: 100 });
  const kept: string[] = [];
  while (target.inFlight !== undefined) {
    kept.push(...target.inFlight);
    await target.answer(taken);
  }
  expect(kept.toSorted()).toEqual(['a', 'b', 'c']);
  stop.abort();
  await ended;
});
