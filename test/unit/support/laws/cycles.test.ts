import { expect, test } from 'vitest';
import { createCycles } from '../../../support/laws/cycles.ts';
import type { TakenCycle } from '../../../support/laws/law.ts';
import { parseLine } from '../../write/parse-line.ts';

test('a cycle ends with its heartbeat, whatever comes in one piece', () => {
  const cycles: TakenCycle[] = [];
  const take = createCycles((cycle) => cycles.push(cycle));
  const lines = ['k8s_node,node=n forks=1i 1', 'podgauge_collector,node=n reads=1i 1', 'podgauge,node=n sequence=1i 1'];
  for (const [i, line] of [...lines, 'podgauge,node=n sequence=2i 2', 'k8s_node,node=n forks=2i 3'].entries())
    take(parseLine(line), i);
  expect(cycles.map(({ number, beat, points, arrivedBefore }) => [number, beat.time, points.length, arrivedBefore])).toEqual([
    [1, 1n, 2, 2],
    [2, 2n, 0, 3],
  ]);
});
