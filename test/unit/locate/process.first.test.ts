/** The first process of one container, whose root is the writable layer that may be walked. */
import { expect, test } from 'vitest';
import { hostTree } from '../../support/host-tree.ts';
import type { HostEntries } from '../../support/host-tree.ts';
import { app, finderOf, podPath, processes, procs, sandbox, sidecar, v2, v2Foreign } from './pod-processes.ts';

const path = `${podPath}/${app}`;

async function first(...entries: readonly HostEntries[]): Promise<number | undefined> {
  await using host = await hostTree(Object.assign({}, ...entries));
  return finderOf(host).finder.first(path, 'one');
}

test('it is the one that started first, however they are listed', async () => {
  const running = processes(app, { 30: { start: 7 }, 31: { start: 5 } });
  expect(await first(v2, procs({ [app]: [30, 31], [sandbox]: [1] }), running)).toBe(31);
});

test('it is none where all ended, where another has its pid, and where the cgroup is gone', async () => {
  expect(await first(v2, procs({ [app]: [30] }), processes(app, { 30: { state: 'Z' } }))).toBeUndefined();
  expect(await first(v2, procs({ [app]: [30] }), processes(sidecar, { 30: {} }))).toBeUndefined();
  expect(await first(v2)).toBeUndefined();
});

test('it is found without the pids of the host, on v2 and on v1', async () => {
  const running = processes(app, { 300: { start: 8 }, 301: { start: 9 } });
  expect(await first(v2Foreign, procs({ [app]: [0, 0] }), running)).toBe(300);
  const v1 = { 'sys/fs/cgroup/memory/cgroup.procs': '' };
  expect(await first(v1, procs({ [app]: [] }, '/memory'), running)).toBe(300);
});

test("the pids of the agent's own container are not those of <proc-root>", async () => {
  const strangers = processes(app, { 1: { cgroup: '/init.scope' } });
  expect(await first(v2Foreign, procs({ [app]: [1] }), strangers, processes(app, { 300: {} }))).toBe(300);
});

test('it is not looked for among all where the container is known to be empty', async () => {
  const elsewhere = processes(app, { 300: {} });
  expect(await first(v2, procs({ [app]: [] }), elsewhere)).toBeUndefined();
  expect(await first(v2Foreign, procs({ [app]: [] }), elsewhere)).toBeUndefined();
});

test('nothing is kept of it', async () => {
  await using host = await hostTree({ ...v2, ...procs({ [app]: [30] }), ...processes(app, { 30: {} }) });
  const { finder } = finderOf(host);
  expect(finder.first(path, 'one')).toBe(30);
  expect(finder.size).toBe(0);
});
