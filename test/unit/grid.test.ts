import { expect, test } from 'vitest';
import { nextOnGrid, phaseOf } from '../../src/grid.ts';

test.each([
  [1_000, 1_000, 300, 1_300],
  [1_300, 1_000, 300, 2_300],
  [1_299.9, 1_000, 300, 1_300],
  [0, 10_000, 0, 10_000],
])('after %d on a grid of %d by %d comes %d', (now, period, phase, next) => {
  expect(nextOnGrid(now, period, phase)).toBe(next);
});

test('a node has always the same phase, and many nodes have them everywhere in the period', () => {
  expect(phaseOf('node-1', 10_000)).toBe(phaseOf('node-1', 10_000));
  const tenths = new Set<number>();
  for (let i = 0; i < 200; i += 1) {
    const phase = phaseOf(`ip-10-0-${i}`, 10_000);
    expect(phase).toBeGreaterThanOrEqual(0);
    expect(phase).toBeLessThan(10_000);
    tenths.add(Math.floor(phase / 1000));
  }
  expect(tenths.size).toBe(10);
});
