import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSketch, markOf } from '../../../src/derive/sketch.ts';
import type { Sketch } from '../../../src/derive/sketch.ts';

function addAll(sketch: Sketch, prefix: string, many: number): void {
  for (let i = 0; i < many; i += 1) sketch.add(markOf(Buffer.from(`${prefix}${i}`)));
}

test('knows nothing at first', () => {
  expect(createSketch(3).size).toBe(0);
});

test.each([1, 10, 100, 1000, 2000, 3000, 5000, 10_000, 100_000])('counts %s within 10 %%', (many) => {
  const sketch = createSketch(2);
  addAll(sketch, 'k8s_pod,pod=p', many);
  expect(Math.abs(sketch.size - many)).toBeLessThanOrEqual(Math.max(1, many / 10));
});

test('what came before counts once', () => {
  const sketch = createSketch(4);
  addAll(sketch, 'a', 500);
  const before = sketch.size;
  addAll(sketch, 'a', 500);
  sketch.advance();
  addAll(sketch, 'a', 500);
  expect(sketch.size).toBe(before);
});

test('lets go of what did not come for as long as the window is, and of nothing else', () => {
  const sketch = createSketch(3);
  addAll(sketch, 'went', 1000);
  addAll(sketch, 'stays', 300);
  const all = sketch.size;
  sketch.advance();
  sketch.advance();
  addAll(sketch, 'stays', 300);
  expect(sketch.size).toBe(all);
  sketch.advance();
  const only = createSketch(3);
  addAll(only, 'stays', 300);
  expect(sketch.size).toBe(only.size);
  for (let i = 0; i < 3; i += 1) sketch.advance();
  expect(sketch.size).toBe(0);
});

test('in whatever order and however often, the same keys are the same size', () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { maxLength: 200 }), (keys) => {
      const sizes = [keys, keys.toReversed(), [...keys, ...keys]].map((order) => {
        const sketch = createSketch(2);
        for (const key of order) sketch.add(markOf(Buffer.from(key)));
        return sketch.size;
      });
      expect(new Set(sizes).size).toBe(1);
      expect(Math.abs((sizes[0] ?? 0) - new Set(keys).size)).toBeLessThanOrEqual(Math.max(2, keys.length / 8));
    }),
  );
});
