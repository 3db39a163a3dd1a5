import { describe, expect, test } from 'vitest';
import { memoryStatV1 } from '../../../src/host/memory-stat.ts';
import { parseText } from './parse-text.ts';
import { memoryStatV1 as wholeFile } from './texts.ts';

const keys = ['total_rss', 'total_cache', 'total_inactive_file', 'total_swap', 'total_pgfault', 'total_pgmajfault'];

function parse(text: string, wanted: readonly string[] = keys) {
  return parseText(memoryStatV1(wanted), text);
}

test('takes the totals, which count the children', () => {
  expect(parse(wholeFile)).toEqual({ value: [329216000, 3710615552, 1869541376, 4096, 46618946, 5683], malformed: [] });
});

test('without swap accounting swap is absent, not 0', () => {
  const text = wholeFile.replaceAll(/^(total_)?swap .*\n/gm, '');
  expect(parse(text)).toEqual({ value: [329216000, 3710615552, 1869541376, undefined, 46618946, 5683], malformed: [] });
});

test('a kernel without totals: its own values', () => {
  expect(parse('cache 5\nrss 4\nswap 3\npgfault 2\npgmajfault 1\ninactive_file 0\n')).toEqual({
    value: [4, 5, 0, 3, 2, 1],
    malformed: [],
  });
});

test.each(['rss 4\ntotal_rss ?\n', 'rss 4\ntotal_rs', 'rss 4\ntotal_cache 7\n'])(
  'own values are no substitute for a total that is missing from %j',
  (text) => {
    expect(parse(text).value[0]).toBeUndefined();
  },
);

describe('the lowest limit of the cgroup and those above it', () => {
  const limits = ['hierarchical_memory_limit', 'total_pgfault'];

  test('is a value of its own, beside the totals', () => {
    expect(parse('hierarchical_memory_limit 268435456\ntotal_pgfault 7\n', limits).value).toEqual([268435456, 7]);
  });

  test.each([
    ['4 KiB', '9223372036854771712'],
    ['16 KiB', '9223372036854759424'],
    ['64 KiB', '9223372036854710272'],
  ])('is absent where there is none: pages of %s', (_, unlimited) => {
    const text = `hierarchical_memory_limit ${unlimited}\ntotal_pgfault ${unlimited}\n`;
    expect(parse(text, limits)).toEqual({ value: [undefined, BigInt(unlimited)], malformed: [] });
  });

  test('is told by a kernel without totals too', () => {
    expect(parse('hierarchical_memory_limit 4096\npgfault 7\n', limits).value).toEqual([4096, 7]);
  });
});
