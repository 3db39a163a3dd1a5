import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { hugetlbSizes } from '../../../src/host/hugetlb.ts';
import { runs } from './parse-text.ts';

test('the sizes of v2 and of v1, the smallest first', () => {
  const v2 = [
    'cgroup.procs',
    'hugetlb.1GB.current',
    'hugetlb.1GB.rsvd.current',
    'hugetlb.2MB.current',
    'hugetlb.2MB.max',
    'hugetlb.64KB.current',
  ];
  expect(hugetlbSizes(v2)).toEqual(['64KB', '2MB', '1GB']);
  expect(hugetlbSizes(['hugetlb.32MB.usage_in_bytes', 'hugetlb.16GB.usage_in_bytes', 'hugetlb.2MB.usage_in_bytes'])).toEqual([
    '2MB',
    '32MB',
    '16GB',
  ]);
  expect(hugetlbSizes([])).toEqual([]);
});

test.each([
  'hugetlb.current',
  'hugetlb..current',
  'hugetlb.0MB.current',
  'hugetlb.2mb.current',
  'hugetlb.2MB/../x.current',
  'hugetlb.02MB.current',
  'hugetlb.2TB.current',
  'hugetlb.2MB.current\n',
  'x.hugetlb.2MB.current',
  'hugetlb.12345MB.current',
])('%j is no size', (name) => {
  expect(hugetlbSizes([name])).toEqual([]);
});

test('any names give sizes that stand in them, each once and not many', () => {
  const anySize = fc
    .tuple(fc.nat(20_000), fc.constantFrom('KB', 'MB', 'GB', 'B', ''))
    .map(([count, unit]) => `${count}${unit}`);
  const anyName = fc.oneof(
    fc.string(),
    fc.tuple(anySize, fc.constantFrom('current', 'usage_in_bytes', 'max')).map(([size, file]) => `hugetlb.${size}.${file}`),
  );
  fc.assert(
    fc.property(fc.array(anyName, { maxLength: 60 }), (names) => {
      const sizes = hugetlbSizes(names);
      expect(sizes.length).toBeLessThanOrEqual(16);
      expect(new Set(sizes).size).toBe(sizes.length);
      for (const size of sizes) expect(names.some((name) => name.startsWith(`hugetlb.${size}.`))).toBe(true);
    }),
    { numRuns: runs },
  );
});
