import { expect, test } from 'vitest';
import { optionRows } from '../../../src/config/options.ts';

test('no two options share a flag or a variable', () => {
  const names = optionRows.flatMap(([, { flag, env }]) => [env, ...(flag === undefined ? [] : [flag])]);
  expect(names.toSorted()).toEqual([...new Set(names)].toSorted());
});

test('every default is a good value', () => {
  const bad = optionRows.filter(([, { kind, default: text }]) => text !== undefined && !('value' in kind.parse(text)));
  expect(bad).toEqual([]);
});

test('a secret can be set neither on the command line nor in the file', () => {
  expect(optionRows.filter(([, { secret, flag, notInFile }]) => secret && (flag !== undefined || !notInFile))).toEqual([]);
});
