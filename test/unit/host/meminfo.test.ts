import { expect, test } from 'vitest';
import { meminfo } from '../../../src/host/meminfo.ts';
import { parseText } from './parse-text.ts';
import { meminfoText } from './proc-texts.ts';

test('kB are 1,024 bytes, what has no unit is a count, and a key that the kernel does not have is absent', () => {
  const keys = ['SwapFree', 'MemTotal', 'HugePages_Total', 'Active(file)', 'Active', 'SwapCached'];
  expect(parseText(meminfo(keys), meminfoText)).toEqual({
    value: [2_147_475_456, 25_276_510_208, 16, 2_673_111_040, undefined, 4096],
    malformed: [],
  });
});

test('exact whatever the size', () => {
  expect(parseText(meminfo(['MemTotal']), 'MemTotal: 18446744073709551615 kB\n').value).toEqual([(2n ** 64n - 1n) * 1024n]);
});

test.each(['', 'MemFree:', 'MemFree 1 kB', 'MemFree: x kB', 'MemFree: -1 kB', 'MemFree: 1 MB', 'MemFree: 1 kB 2', ': 1'])(
  'the line %j is reported and costs only itself',
  (line) => {
    expect(parseText(meminfo(['MemFree', 'Dirty']), `${line}\nDirty: 4 kB\n`)).toEqual({
      value: [undefined, 4096],
      malformed: [line],
    });
  },
);
