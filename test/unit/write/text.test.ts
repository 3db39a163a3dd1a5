import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { escapeTag, quoteString, tagValue } from '../../../src/write/text.ts';

test.each([
  [undefined, 'none'],
  ['', 'none'],
  ['checkout', 'checkout'],
  ['a b,c=d', 'a b,c=d'],
  ['"quoted" 😀', '"quoted" 😀'],
  ['system-serial\\x2dgetty.slice', 'system-serial\\x2dgetty.slice'],
  ['a'.repeat(256), 'a'.repeat(256)],
])('takes %j as the tag %j', (value, tag) => {
  expect(tagValue(value)).toBe(tag);
});

test.each([
  ['two\nlines', /^two_lines~[0-9a-f]{16}$/],
  ['tab\tnul\0del\u007fnel\u0085ls\u2028ps\u2029', /^tab_nul_del_nel_ls_ps_~[0-9a-f]{16}$/],
  ['ends with\\', /^ends with_~[0-9a-f]{16}$/],
  ['\\\\x2d', /^_\\x2d~[0-9a-f]{16}$/],
  ['lone \ud800', /^lone \ufffd~[0-9a-f]{16}$/],
  ['a'.repeat(257), /^a{239}~[0-9a-f]{16}$/],
  ['😀'.repeat(65), /^(😀){59}~[0-9a-f]{16}$/u],
])('takes %j as a tag that matches %s', (value, tag) => {
  expect(tagValue(value)).toMatch(tag);
});

test('two values never become the same tag, but for those that are none', () => {
  const value = fc.string({ unit: fc.constantFrom('\\', '\n', '_', '\ud800', '\udc00', 'a', '/'), minLength: 1 });
  fc.assert(
    fc.property(value, value, (one, two) => {
      expect(tagValue(one) === tagValue(two)).toBe(one === two);
    }),
  );
  expect(tagValue(`${'a'.repeat(300)}1`)).not.toBe(tagValue(`${'a'.repeat(300)}2`));
});

test('escapes what ends a tag', () => {
  expect(escapeTag('a b,c=d"e')).toBe('a\\ b\\,c\\=d"e');
});

test('quotes strings and caps them between two characters', () => {
  expect(quoteString('')).toBe('""');
  expect(quoteString('a"b\\c\nd\u2028e')).toBe('"a\\"b\\\\c d e"');
  expect(quoteString('x'.repeat(5000))).toBe(`"${'x'.repeat(4096)}"`);
  expect(quoteString(`xx${'😀'.repeat(2000)}`)).toBe(`"xx${'😀'.repeat(1023)}"`);
});
