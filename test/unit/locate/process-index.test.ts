import { expect, test } from 'vitest';
import { createDescriptors } from '../../../src/host/descriptors.ts';
import { createProcessIndex } from '../../../src/locate/process-index.ts';
import { createProblems } from '../../../src/problems.ts';
import { hostTree } from '../../support/host-tree.ts';
import { app, processes, sandbox } from './pod-processes.ts';

const limit = 3;

test('processes beyond the limit are left out, which is counted, and logged once', async () => {
  await using host = await hostTree({
    ...processes(app, { 30: {}, 31: {} }),
    ...processes(sandbox, { 40: {} }),
    'proc/meminfo': '',
    'proc/sys/': '',
  });
  const logged: string[] = [];
  const log = (_data: object, message: string): void => void logged.push(message);
  const problems = createProblems({ debug: log, info: log, warn: log, error: log });
  const clock = { time: 0 };
  const { procRoot } = host;
  const descriptors = createDescriptors({ max: 0 });
  const index = createProcessIndex({ procRoot, problems, descriptors, now: () => clock.time }, limit);
  const found = (): number => {
    clock.time += 10_000;
    return index.processesOf(app).length + index.processesOf(sandbox).length;
  };
  expect([found(), problems.counts.denied, logged]).toEqual([limit, 0, []]);

  await host.add(processes(app, { 32: {}, 33: {} }));
  expect([found(), found()]).toEqual([limit, limit]);
  expect(problems.counts.denied).toBe(2);
  expect(logged).toEqual([expect.stringMatching(/^Too many processes in ".*\/proc": \d+ and others are left out$/)]);
});
