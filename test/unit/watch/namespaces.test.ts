import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { namespaceFilter } from '../../../src/watch/namespaces.ts';

const all = ['default', 'kube-system', 'kube-public', 'team-a', 'team-a-test', 'team-b'];

test.each([
  [[], all],
  [['*'], all],
  [['default'], ['default']],
  [['team-*'], ['team-a', 'team-a-test', 'team-b']],
  [
    ['default', 'team-b'],
    ['default', 'team-b'],
  ],
  [['!kube-*'], ['default', 'team-a', 'team-a-test', 'team-b']],
  [
    ['team-*', '!*-test'],
    ['team-a', 'team-b'],
  ],
  [
    ['!*-test', 'team-*'],
    ['default', 'kube-system', 'kube-public', 'team-a', 'team-a-test', 'team-b'],
  ],
  [
    ['!kube-*', 'kube-public'],
    ['default', 'kube-public', 'team-a', 'team-a-test', 'team-b'],
  ],
  [['t*a*t'], ['team-a-test']],
  [['*-*-*'], ['team-a-test']],
  [['!*'], []],
  [['none'], []],
])('%j wants %j', (patterns, expected) => {
  expect(all.filter(namespaceFilter(patterns))).toEqual(expected);
});

test.each([
  ['a*a', 'a', false],
  ['a*a', 'aa', true],
  ['a*ab*b', 'aab', false],
  ['a*ab*b', 'aabb', true],
  ['**', '', true],
  ['a.c', 'abc', false],
  ['*', 'with\nnewline', true],
  ['!', 'x', true],
])('%j on %j', (pattern, namespace, expected) => {
  expect(namespaceFilter([pattern])(namespace)).toBe(expected);
});

test('a pattern matches just what a regular expression with the same stars does', () => {
  const pieces = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 });
  const names = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 12 });
  fc.assert(
    fc.property(pieces, names, (pattern, name) => {
      expect(namespaceFilter([pattern])(name)).toBe(new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(name));
    }),
    { numRuns: 2000 },
  );
});

test('many stars cost no more than the name is long', () => {
  expect(namespaceFilter([`${'*a'.repeat(50)}*b`])('a'.repeat(253))).toBe(false);
});
