import { expect, test } from 'vitest';
import { everything, keptBy, pick } from '../../../src/watch/selection.ts';

const optedOut = { namespace: 'shop', annotations: { 'podgauge.io/collect': 'false' } };

test('only what is allowed and there is picked', () => {
  const labels = { app: 'web', tier: 'front', empty: '', number: 7 };
  expect(pick(labels, ['app', 'empty', 'number', 'missing', 'toString'])).toEqual({ app: 'web' });
  expect(pick(labels, [])).toBeUndefined();
  expect(pick(labels, ['missing'])).toBeUndefined();
  expect(pick('nonsense', ['app', 'length'])).toBeUndefined();
});

test('values are capped', () => {
  expect(pick({ note: 'x'.repeat(300_000) }, ['note'])).toEqual({ note: 'x'.repeat(253) });
});

test('a key that objects have by themselves is a key like others', () => {
  const picked = pick(JSON.parse('{"__proto__":"value"}'), ['__proto__']);
  expect(Object.entries(picked ?? {})).toEqual([['__proto__', 'value']]);
});

test('a pod opts out only where that is allowed', () => {
  expect(keptBy(everything)(optedOut)).toBe(true);
  expect(keptBy({ ...everything, optOut: true })(optedOut)).toBe(false);
});

test.each([['true'], ['False'], ['no'], [false], [undefined]])('%j is no wish to be left out', (value) => {
  const metadata = { namespace: 'shop', annotations: { 'podgauge.io/collect': value } };
  expect(keptBy({ ...everything, optOut: true })(metadata)).toBe(true);
});

test('namespaces decide, and a pod that opted out is not brought back by its own', () => {
  const isKept = keptBy({ ...everything, namespaces: ['shop'], optOut: true });
  expect([isKept({ namespace: 'shop' }), isKept({ namespace: 'other' }), isKept(optedOut)]).toEqual([true, false, false]);
});
