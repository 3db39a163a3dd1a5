import { describe, expect, test } from 'vitest';
import { parseMemoryStatV1, parseMemoryStatV2 } from '../../../src/host/memory-stat.ts';
import { parseText } from './parse-text.ts';
import { memoryStatV1, memoryStatV2 } from './texts.ts';

test('v2', () => {
  expect(parseText(parseMemoryStatV2, memoryStatV2)).toEqual({
    value: {
      rss: 104857600,
      cache: 52428800,
      inactiveFile: 12288,
      swap: undefined,
      pageFaults: 12345,
      majorPageFaults: 67,
    },
    malformed: [],
  });
});

describe('v1', () => {
  test('takes the totals, which count the children', () => {
    expect(parseText(parseMemoryStatV1, memoryStatV1)).toEqual({
      value: {
        rss: 329216000,
        cache: 3710615552,
        inactiveFile: 1869541376,
        swap: 4096,
        pageFaults: 46618946,
        majorPageFaults: 5683,
      },
      malformed: [],
    });
  });

  test('without swap accounting swap is absent, not 0', () => {
    const text = memoryStatV1.replaceAll(/^(total_)?swap .*\n/gm, '');
    expect(parseText(parseMemoryStatV1, text).value.swap).toBeUndefined();
  });

  test('a kernel without totals: its own values', () => {
    expect(parseText(parseMemoryStatV1, 'cache 5\nrss 4\nswap 3\npgfault 2\npgmajfault 1\ninactive_file 0\n')).toEqual({
      value: { rss: 4, cache: 5, inactiveFile: 0, swap: 3, pageFaults: 2, majorPageFaults: 1 },
      malformed: [],
    });
  });

  test.each(['rss 4\ntotal_rss ?\n', 'rss 4\ntotal_rs', 'rss 4\ntotal_cache 7\n'])(
    'own values are no substitute for a total that is missing from %j',
    (text) => {
      expect(parseText(parseMemoryStatV1, text).value.rss).toBeUndefined();
    },
  );
});
