import { expect, test } from 'vitest';
import { createDescriptors } from '../../../src/host/descriptors.ts';

test('no more slots are given than there are, and one that came back is given again', () => {
  const descriptors = createDescriptors({ max: 2 });
  expect([descriptors.take(), descriptors.take(), descriptors.take(), descriptors.open]).toEqual([true, true, false, 2]);
  descriptors.release();
  expect([descriptors.open, descriptors.take(), descriptors.take(), descriptors.open]).toEqual([1, true, false, 2]);
});
