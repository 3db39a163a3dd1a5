import { expect, test } from 'vitest';
import { createMeters } from '../../../src/collect/meters.ts';
import { collectorNames } from '../../../src/metrics/collectors.ts';

test('every collector, and the file systems, has a meter of its own that begins at 0', () => {
  const meters = createMeters();
  expect(Object.keys(meters).toSorted()).toEqual([...collectorNames, 'filesystems'].toSorted());
  meters.cpu.reads += 1;
  meters.cpu.milliseconds += 0.5;
  for (const [name, meter] of Object.entries(meters)) {
    expect(meter).toEqual(name === 'cpu' ? { milliseconds: 0.5, reads: 1 } : { milliseconds: 0, reads: 0 });
  }
  expect(createMeters().cpu.reads).toBe(0);
});
