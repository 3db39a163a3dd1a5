import fc from 'fast-check';
import { expect, test } from 'vitest';
import { unnamed } from '../../../src/collect/pod-tags.ts';
import type { Sample } from '../../../src/model.ts';
import { ofContainer, ofPod, pod, running, scene } from './held-scene.ts';

test('whatever comes in whatever order, each point is written once at most, under the name of what it was read of', () => {
  const uid = fc.constantFrom('u1', 'u2', 'u3');
  const step = fc.oneof(
    fc.record({ read: uid, container: fc.option(fc.constantFrom('x', 'y'), { nil: undefined }) }),
    fc.record({
      list: fc.uniqueArray(fc.record({ uid, ids: fc.uniqueArray(fc.constantFrom('x', 'y')) }), {
        selector: (each) => each.uid,
      }),
    }),
    fc.record({ wait: fc.integer({ min: 0, max: 100_000 }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), fc.integer({ min: 300, max: 5000 }), (steps, bytes) => {
      const { held, list, clock } = scene({ bytes, step: 600 });
      let read = 0;
      const written: Sample[] = [];
      const ownerOf = new Map<number, string>();
      for (const each of steps) {
        if ('wait' in each) clock.ms += each.wait;
        else if ('list' in each) {
          list(
            ...each.list.map((listed) =>
              pod(
                listed.uid,
                listed.ids.map((id) => running(`${listed.uid}-${id}`)),
              ),
            ),
          );
        } else {
          read += 1;
          const id = each.container === undefined ? undefined : `${each.read}-${each.container}`;
          ownerOf.set(read, [`name-of-${each.read}`, ...(id === undefined ? [] : [`name-of-${id}`])].join(' '));
          const sample = id === undefined ? ofPod(each.read, read) : ofContainer(each.read, id, read);
          written.push(...held.take([sample]));
        }
        written.push(...held.named());
        expect(written.length + held.stats.points + held.stats.givenUp).toBe(read);
      }
      for (const { tags, time } of written) {
        expect([tags['pod'], tags['container']].filter((part) => part !== undefined).join(' ')).toBe(ownerOf.get(time));
        expect(Object.keys(tags)).not.toContain(unnamed);
      }
      expect(new Set(written.map(({ time }) => time)).size).toBe(written.length);
    }),
  );
});
