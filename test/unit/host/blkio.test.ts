import { expect, test } from 'vitest';
import { parseBlkio } from '../../../src/host/blkio.ts';
import { blkioBytes } from './cgroup-texts.ts';
import { parseText } from './parse-text.ts';

test('one row a device; sums and what was counted twice are left out', () => {
  expect(parseText(parseBlkio, blkioBytes)).toEqual({
    value: [
      { device: '254:0', read: 528384, write: 524288, discard: 524289 },
      { device: '8:16', read: 4096, write: 0, discard: 0 },
    ],
    malformed: [],
  });
});

test('a cgroup that did no I/O has no rows, and no zeros', () => {
  expect(parseText(parseBlkio, 'Total 0\n')).toEqual({ value: [], malformed: [] });
});

test('before Linux 4.19 there are no discards', () => {
  expect(parseText(parseBlkio, '8:0 Read 1\n8:0 Write 2\n8:0 Total 3\nTotal 3\n')).toEqual({
    value: [{ device: '8:0', read: 1, write: 2, discard: undefined }],
    malformed: [],
  });
});

test('a device without a name is nobody’s, and one of which only sums are known has no row', () => {
  expect(parseText(parseBlkio, '(unknown) Read 9\n8:0 Total 3\n8:16 Read 1\n')).toEqual({
    value: [{ device: '8:16', read: 1, write: undefined, discard: undefined }],
    malformed: [],
  });
});

test.each(['', 'Total', 'Total x', '8:0 Read', '8:0 Read x', '8:0 Read -1', '8:0 Read 1 2', 'vda Read 1', '8:0: Read 1'])(
  'the line %j is reported and costs only itself',
  (line) => {
    expect(parseText(parseBlkio, `8:0 Write 2\n${line}\n8:0 Discard 3\n`)).toEqual({
      value: [{ device: '8:0', read: undefined, write: 2, discard: 3 }],
      malformed: [line],
    });
  },
);

test('a last line that was cut is left out', () => {
  expect(parseText(parseBlkio, '8:0 Read 1\n8:0 Write 12')).toEqual({
    value: [{ device: '8:0', read: 1, write: undefined, discard: undefined }],
    malformed: ['8:0 Write 12'],
  });
});
