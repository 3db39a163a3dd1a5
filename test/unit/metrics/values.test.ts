import { expect, test } from 'vitest';
import { indexesOf, rowsOf } from '../../../src/metrics/table.ts';
import { blankOf, valuesOf } from '../../../src/metrics/values.ts';
import { fieldsOf } from './fields-of.ts';

test('values stand in the order of the rows of their measurement', () => {
  const names = rowsOf('k8s_pod_hugetlb').map(({ field }) => field);
  expect(names).toEqual(['usage_bytes', 'limit_bytes', 'max_events']);
  expect(valuesOf('k8s_pod_hugetlb', { max_events: 3, usage_bytes: 0 })).toEqual([0, undefined, 3]);
  expect(indexesOf('k8s_pod_hugetlb')).toEqual({ usage_bytes: 0, limit_bytes: 1, max_events: 2 });
});

test('a field of another measurement is left out', () => {
  expect(valuesOf('k8s_pod_hugetlb', { rx_bytes: 1, limit_bytes: 2n ** 60n })).toEqual([undefined, 2n ** 60n, undefined]);
});

test('a blank has a place for each row, of its own each time', () => {
  const blank = blankOf('k8s_pod');
  expect(blank).toHaveLength(rowsOf('k8s_pod').length);
  expect(fieldsOf('k8s_pod', blank)).toEqual({});
  blank[0] = 1;
  expect(blankOf('k8s_pod')[0]).toBeUndefined();
});

test('a value that is false, 0 or empty is known', () => {
  const fields = { ready: false, restarts: 0, reason: '' };
  expect(fieldsOf('k8s_pod_info', valuesOf('k8s_pod_info', fields))).toEqual(fields);
});
