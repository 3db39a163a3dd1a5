import { expect, test } from 'vitest';
import { parseOpenFilesLimit } from '../../../src/host/limits.ts';
import { parseText } from './parse-text.ts';
import { limits } from './texts.ts';

test('the open files, soft and hard', () => {
  expect(parseText(parseOpenFilesLimit, limits)).toEqual({ value: { soft: 20000, hard: 1048576 }, malformed: [] });
});

test('no limit', () => {
  expect(parseText(parseOpenFilesLimit, 'Max open files   1024   unlimited   files\n')).toEqual({
    value: { soft: 1024, hard: 'unlimited' },
    malformed: [],
  });
});

test('a file without the line', () => {
  expect(parseText(parseOpenFilesLimit, 'Max cpu time  unlimited  unlimited  seconds\n')).toEqual({
    value: undefined,
    malformed: [],
  });
});

test.each(['Max open files ', 'Max open files 12', 'Max open files many unlimited files', 'Max open files -1 -1 files'])(
  '%j is reported',
  (line) => {
    expect(parseText(parseOpenFilesLimit, `${line}\n`)).toEqual({ value: undefined, malformed: [line] });
  },
);
