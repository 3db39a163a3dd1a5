import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createQueue } from '../../../src/write/queue.ts';
import type { Outcome } from '../../../src/write/target.ts';
import { batch, createLog, createScriptedTarget, settled } from './scripted-target.ts';

/** `judge` answers as a real server does: refuses what has a bad line, splits what is long, takes the rest. */
type Step =
  | { readonly kind: 'add'; readonly batches: readonly (readonly boolean[])[] }
  | { readonly kind: 'judge' }
  | { readonly kind: 'partly'; readonly rejected: number }
  | { readonly kind: 'fail'; readonly suspect: boolean };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('add' as const),
    batches: fc.array(fc.array(fc.boolean(), { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 3 }),
  }),
  fc.record({ kind: fc.constant('judge' as const) }),
  fc.record({ kind: fc.constant('partly' as const), rejected: fc.nat(8) }),
  fc.record({ kind: fc.constant('fail' as const), suspect: fc.boolean() }),
);

const lineBytes = 'good 1000\n'.length;
const longest = 4;

function judge(lines: readonly string[]): Outcome {
  if (lines.length > longest) return { kind: 'split', reason: 'long' };
  if (lines.some((line) => line.startsWith('bad '))) return { kind: 'bisect', reason: 'bad' };
  return { kind: 'taken', rejected: 0 };
}

test('no point is ever lost, sent twice or counted twice, whatever the target answers', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 20 }), async (steps, capLines) => {
      const target = createScriptedTarget();
      const maxBytes = capLines * lineBytes;
      const queue = createQueue({
        maxBytes,
        target,
        now: () => 0,
        random: () => 0,
        wait: async () => {},
        log: createLog([]),
      });
      const stop = new AbortController();
      const ended = queue.run(stop.signal);
      const kept: string[] = [];
      let added = 0;
      let partly = 0;
      let suspected = false;

      async function answer(outcome: Outcome): Promise<void> {
        if (outcome.kind === 'taken') {
          kept.push(...(target.inFlight ?? []));
          partly += Math.min(outcome.rejected, target.inFlight?.length ?? 0);
        }
        await target.answer(outcome);
      }

      function check(): void {
        const { sent, rejected, dropped, waiting, bytes, batches } = queue.stats;
        expect(sent + rejected + dropped + waiting).toBe(added);
        expect(bytes).toBe(waiting * lineBytes);
        expect(bytes <= maxBytes || (batches === 1 && target.inFlight !== undefined)).toBe(true);
        expect(kept.length).toBe(sent + partly);
      }

      for (const one of steps) {
        if (one.kind === 'add') {
          queue.add(
            one.batches.map((lines) => batch(...lines.map((good) => `${good ? 'good' : 'bad '} ${1000 + (added += 1)}`))),
          );
          await settled();
        } else if (target.inFlight !== undefined) {
          if (one.kind === 'judge') await answer(judge(target.inFlight));
          if (one.kind === 'partly') await answer({ kind: 'taken', rejected: one.rejected });
          if (one.kind === 'fail') await answer({ kind: 'wait', reason: 'down', suspect: one.suspect });
          suspected ||= one.kind === 'fail' && one.suspect;
        }
        check();
      }
      while (target.inFlight !== undefined) {
        await answer(judge(target.inFlight));
        check();
      }
      expect(queue.stats).toMatchObject({ waiting: 0, bytes: 0, batches: 0 });
      expect(new Set(kept).size).toBe(kept.length);
      // Only a batch that looked guilty of a failure goes back behind others.
      const inOrder = kept.toSorted((a, b) => Number(a.slice(5)) - Number(b.slice(5)));
      expect(suspected ? inOrder : kept).toEqual(inOrder);
      stop.abort();
      await ended;
    }),
    { numRuns: 150 },
  );
});
