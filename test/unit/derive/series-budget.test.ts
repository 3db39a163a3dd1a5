import { expect, test } from 'vitest';
import { createSeriesBudget } from '../../../src/derive/series-budget.ts';
import type { Pod } from '../../../src/model.ts';

/** Of which four series are sure to come. */
const pod: Pod = {
  uid: 'u1',
  cgroupUid: 'u1',
  namespace: 'shop',
  name: 'web-0',
  workloadKind: 'StatefulSet',
  workload: 'web',
  qos: 'Guaranteed',
  hostNetwork: false,
  containers: [{ name: 'app', state: 'running' }],
};

function budgetOf(cap: number) {
  const census = { total: 0 };
  const logged: { readonly level: string; readonly data: object; readonly message: string }[] = [];
  const at =
    (level: string) =>
    (data: object, message: string): void =>
      void logged.push({ level, data, message });
  const log = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  return { census, logged, budget: createSeriesBudget({ cap, census, log }) };
}

test('without a cap every pod has its name', () => {
  const { census, budget, logged } = budgetOf(0);
  census.total = 1e9;
  expect([budget.nameBy(pod), logged]).toEqual(['own', []]);
});

test('from the cap on pods are folded, and that is said once, with the number and what to do', () => {
  const { census, budget, logged } = budgetOf(100);
  census.total = 99;
  expect(budget.nameBy(pod)).toBe('own');
  budget.settle();
  census.total = 103;
  expect([budget.nameBy(pod), budget.nameBy(pod)]).toEqual(['workload', 'workload']);
  expect(logged).toEqual([
    {
      level: 'warn',
      data: { series: 103, maxSeries: 100 },
      message:
        'The cap of series is reached, new pods are written together under their workload: raise --max-series, or leave out ' +
        'namespaces with --namespaces',
    },
  ]);
});

test('pods that come at once are counted by what they will be, before anything of them is written', () => {
  const { budget } = budgetOf(10);
  expect(Array.from({ length: 5 }, () => budget.nameBy(pod))).toEqual(['own', 'own', 'own', 'namespace', 'namespace']);
});

test('where workloads are too many as well, pods are folded by namespace', () => {
  const { census, budget } = budgetOf(100);
  census.total = 109;
  expect(budget.nameBy(pod)).toBe('workload');
  census.total = 111;
  expect(budget.nameBy(pod)).toBe('namespace');
});

test('pods have their names again once the series are well below the cap, and not before', () => {
  const { census, budget, logged } = budgetOf(100);
  census.total = 100;
  budget.nameBy(pod);
  census.total = 90;
  expect(budget.nameBy(pod)).toBe('workload');
  census.total = 89;
  expect(budget.nameBy(pod)).toBe('own');
  expect(logged.map(({ level, data }) => [level, data])).toEqual([
    ['warn', { series: 100, maxSeries: 100 }],
    ['info', { series: 89, maxSeries: 100 }],
  ]);
});
