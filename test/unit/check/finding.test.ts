import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { catalogue } from '../../../src/check/catalogue.ts';
import { finding, lineOf, someOf, widestWhat } from '../../../src/check/finding.ts';
import type { Kind } from '../../../src/check/finding.ts';
import { optionRows } from '../../../src/config/options.ts';

const kind: Kind = { level: 'FAIL', what: 'list pods', when: 'of the test', remedy: 'ask the admin' };

test('lines are aligned: level, what, finding, remedy', () => {
  expect(lineOf(finding(kind, 'no right'))).toBe('FAIL  list pods:      no right; ask the admin');
  expect(lineOf(finding({ level: 'ok', what: 'InfluxDB write', when: '' }, 'yes'))).toBe('ok    InfluxDB write: yes');
});

test('nothing that a server or a pod says acts on a terminal, breaks the line or fills the screen', () => {
  const line = lineOf(finding(kind, `a\u001B[2Jb\nc\r\u009B31m\u202Ed\u2028e\u0000 ü ✓ ${'x'.repeat(5000)}`));
  expect(line).toContain('a\\u{1b}[2Jb\\u{a}c\\u{d}\\u{9b}31m\\u{202e}d\\u{2028}e\\u{0} ü ✓ xxx');
  expect(line).toMatch(/x…; ask the admin$/);
  expect(line.length).toBeLessThan(800);
});

test('of many names three are told', () => {
  expect(someOf([])).toBe('');
  expect(someOf(['a', 'b', 'c'])).toBe('a, b, c');
  expect(someOf(['a', 'b', 'c', 'd', 'e'])).toBe('a, b, c and 2 more');
});

test('each kind has a name that fits, and whatever is not well has a remedy', () => {
  expect(catalogue.length).toBeGreaterThan(50);
  expect(catalogue.filter(({ what }) => what === '' || what.length > widestWhat)).toEqual([]);
  // These two come with a remedy of their own in what they say, and the last has none.
  const own = ['configuration', 'processes', 'check'];
  expect(catalogue.filter(({ level, what, remedy }) => level !== 'ok' && remedy === undefined && !own.includes(what))).toEqual(
    [],
  );
});

test('every option and variable that a remedy names exists, and the page shows every kind', () => {
  const known = new Set(optionRows.flatMap(([, { flag = '', env }]) => [flag, env]));
  const given = ['NODE_NAME', 'KUBERNETES_SERVICE_HOST', '--write-bucket', '--retention', '--id', 'BUCKET_ID'];
  for (const { remedy = '' } of catalogue) {
    const named = remedy.match(/--[a-z][a-z-]+|\b(?:PODGAUGE|INFLUX|KUBE|NODE)[A-Z]*(?:_[A-Z]+)*\b/g) ?? [];
    expect(named.filter((name) => !known.has(name) && !given.includes(name))).toEqual([]);
  }
  const page = readFileSync(new URL('../../../docs/check.md', import.meta.url), 'utf8');
  expect(catalogue.filter(({ when }) => !page.includes(when.replaceAll('|', String.raw`\|`)))).toEqual([]);
});
