import { expect, test } from 'vitest';
import { parseNamespacePids } from '../../../src/host/namespace-pids.ts';
import { parseText } from './parse-text.ts';
import { processStatus } from './texts.ts';

test('from the outermost namespace that is shown to the process’s own', () => {
  expect(parseText(parseNamespacePids, processStatus)).toEqual({ value: [12113, 8], malformed: [] });
  expect(parseText(parseNamespacePids, 'NSpid:\t7\n')).toEqual({ value: [7], malformed: [] });
});

test('a file without the line', () => {
  expect(parseText(parseNamespacePids, 'Name:\tnode\nPid:\t7\n')).toEqual({ value: undefined, malformed: [] });
});

test.each(['NSpid:', 'NSpid:\t', 'NSpid:\tself', 'NSpid:\t7\t-1'])('%j is reported', (line) => {
  expect(parseText(parseNamespacePids, `${line}\n`)).toEqual({ value: undefined, malformed: [line] });
});
