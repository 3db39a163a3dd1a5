import { describe, expect, test } from 'vitest';
import type { Target } from '../../../src/locate/targets.ts';
import { hostTree } from '../../support/host-tree.ts';
import type { HostEntries } from '../../support/host-tree.ts';
import { app, both, finderOf, podPath, processes, procs, sandbox, sidecar, targetOf, v2, v2Foreign } from './pod-processes.ts';

async function found(target: Target, ...entries: readonly HostEntries[]): Promise<number | undefined> {
  await using host = await hostTree(Object.assign({}, ...entries));
  return finderOf(host).finder.find(target);
}

test.each([
  ['as cgroup.procs lists it', v2, { [app]: [30], [sandbox]: [40] }],
  ['in /proc, where cgroup.procs lists none of the host', v2Foreign, { [app]: [0], [sandbox]: [0] }],
])('a sandbox is known by its one process, pause, %s', async (_where, root, lists) => {
  const entries = [root, procs(lists), processes(app, { 30: {} }), processes(sandbox, { 40: { comm: 'pause' } })];
  await using host = await hostTree(Object.assign({}, ...entries));
  const { finder } = finderOf(host);
  const isSandbox = (id: string) => finder.isSandbox(`${podPath}/${id}`, 'one');
  expect([sandbox, app, sidecar].map(isSandbox)).toEqual([true, false, false]);
});

describe('the process of a pod', () => {
  test('is the pause of its sandbox', async () => {
    const lists = procs({ [app]: [30], [sidecar]: [50], [sandbox]: [40] });
    const target = targetOf([app], [sidecar, sandbox]);
    const running = [processes(app, { 30: {} }), processes(sidecar, { 50: {} }), processes(sandbox, { 40: { comm: 'pause' } })];
    expect(await found(target, v2, lists, ...running)).toBe(40);
  });

  test('is the first of a container where the sandbox has none (CRI-O), however they are listed', async () => {
    const lists = procs({ [app]: [99, 32, 30, 31], [sandbox]: [] });
    const running = processes(app, { 30: { start: 7 }, 31: { start: 5 }, 32: { start: 5 }, 99: { start: 6 } });
    expect(await found(both, v2, lists, running)).toBe(31);
  });

  test('is not one that happens to be called pause among others', async () => {
    const lists = procs({ [app]: [30], [sidecar]: [40, 41] });
    const running = [processes(app, { 30: {} }), processes(sidecar, { 40: { comm: 'pause' }, 41: {} })];
    expect(await found(targetOf([app], [sidecar]), v2, lists, ...running)).toBe(30);
  });

  test('is that of an unknown sandbox while every container waits', async () => {
    const lists = procs({ [sandbox]: [40] });
    expect(await found(targetOf([], [sandbox]), v2, lists, processes(sandbox, { 40: { comm: 'my (own) p' } }))).toBe(40);
  });

  test('may be one cgroup below that of the container: crun, and systemd in a container', async () => {
    const inner = procs({ [app]: [], [`${app}/container`]: [30] });
    expect(await found(both, v2, inner, processes(app, { 30: { cgroup: `${podPath}/${app}/container` } }))).toBe(30);
    const nested = procs({
      [app]: [],
      [`${app}/init.scope`]: [30],
      [`${app}/system.slice`]: [],
      [`${app}/system.slice/a.service`]: [31],
    });
    expect(await found(both, v2, nested, processes(app, { 30: {}, 31: { start: 1 } }))).toBe(30);
  });

  test('is found by its threads in a threaded cgroup, which lists no processes', async () => {
    const threads = { [`sys/fs/cgroup${podPath}/${app}/cgroup.threads`]: '30\n' };
    expect(await found(both, v2, threads, processes(app, { 30: {} }))).toBe(30);
  });

  test('is in the cgroup of the container, also as seen from a cgroup namespace', async () => {
    const lists = procs({ [app]: [30] });
    expect(await found(both, v2, lists, processes(app, { 30: { cgroup: `/../../podone/cri-containerd-${app}.scope` } }))).toBe(
      30,
    );
    expect(await found(both, v2, lists, processes(app, { 30: { cgroup: '/system.slice/ssh.service' } }))).toBeUndefined();
    expect(await found(both, v2, lists, processes(app, { 30: { cgroup: `${podPath}/${app} (deleted)` } }))).toBeUndefined();
  });

  test.each([
    ['all are zombies', processes(app, { 30: { state: 'Z' } })],
    ['all ended between two reads', {}],
  ])('is none where %s', async (_case, running) => {
    expect(await found(both, v2, procs({ [app]: [30] }), running)).toBeUndefined();
  });

  test('is none where the cgroups are gone', async () => {
    expect(await found(both, v2)).toBeUndefined();
    expect(await found(targetOf([], []), v2)).toBeUndefined();
  });
});

describe('without the pids of the host', () => {
  const running = [processes(app, { 300: { start: 8 }, 301: {} }), processes(sandbox, { 400: { comm: 'pause' } })];

  test('v2 shows zeros, and the process is found by its cgroup', async () => {
    expect(await found(both, v2Foreign, procs({ [app]: [0, 0], [sandbox]: [0] }), ...running)).toBe(400);
    expect(await found(targetOf([app], []), v2Foreign, procs({ [app]: [0, 0] }), ...running)).toBe(300);
  });

  test('v1 shows none, not even in the root', async () => {
    const v1 = { 'sys/fs/cgroup/memory/cgroup.procs': '' };
    expect(await found(both, v1, procs({ [app]: [], [sandbox]: [] }, '/memory'), ...running)).toBe(400);
  });

  test("the pids of the agent's own pod are not those of <proc-root>", async () => {
    const strangers = processes(app, { 1: { cgroup: '/init.scope' }, 2: { cgroup: '/' } });
    expect(await found(both, v2Foreign, procs({ [app]: [1, 2], [sandbox]: [] }), strangers, ...running)).toBe(400);
  });

  test('a container of a container is no candidate before its own first process', async () => {
    const nested = processes(app, { 290: { start: 9, cgroup: `${podPath}/${app}/docker/${sidecar}` } });
    expect(await found(targetOf([app], []), v2Foreign, procs({ [app]: [0] }), nested, ...running)).toBe(300);
  });

  test('the form of the name against the driver, and v1 with its many lines', async () => {
    const name = `kubepods-podone.slice:cri-containerd:${app}`;
    const path = `/system.slice/containerd.service/${name}`;
    const target = {
      ...targetOf([], []),
      containers: [{ container: { name: 'app', state: 'running' as const }, path }],
      detached: true,
    };
    const v1 = { 'sys/fs/cgroup/memory/cgroup.procs': '', [`sys/fs/cgroup/memory${path}/cgroup.procs`]: '' };
    const cgroup = `9:name=systemd:${path}\n4:memory:${path}\n0::/\n`;
    expect(
      await found(target, v1, processes(app, { 30: {} }), { 'proc/30/cgroup': cgroup, 'proc/meminfo': '', 'proc/0x1/': '' }),
    ).toBe(30);
  });

  test('all processes are looked through at most once in 10 s, for all pods', async () => {
    await using host = await hostTree({ ...v2Foreign, ...procs({ [app]: [0] }) });
    const { finder, clock } = finderOf(host);
    expect(finder.find(both)).toBeUndefined();
    await host.add(processes(app, { 300: {} }));
    clock.time = 9_999;
    expect(finder.find(both)).toBeUndefined();
    expect(finder.find(targetOf([app], []))).toBeUndefined();
    clock.time = 12_000;
    expect(finder.find(both)).toBe(300);
  });

  test('they are not looked through where the root lists processes, or where v2 lists none', async () => {
    const v1 = { 'sys/fs/cgroup/memory/cgroup.procs': '2\n' };
    expect(await found(both, v1, procs({ [app]: [], [sandbox]: [] }, '/memory'), ...running)).toBeUndefined();
    expect(await found(both, v2, procs({ [app]: [30], [sandbox]: [] }), ...running)).toBeUndefined();
    expect(await found(both, v2Foreign, procs({ [app]: [], [sandbox]: [] }), ...running)).toBeUndefined();
  });
});

describe('remembers', () => {
  test('a process for as long as it lives under its pid, and no longer', async () => {
    await using host = await hostTree({ ...v2, ...procs({ [app]: [30], [sandbox]: [] }), ...processes(app, { 30: {} }) });
    const { finder, problems } = finderOf(host);
    expect(finder.find(both)).toBe(30);
    await host.remove(`sys/fs/cgroup${podPath}`);
    expect(finder.find(both)).toBe(30);
    await host.add(processes(app, { 30: { cgroup: '/system.slice/other.service' } }));
    expect(finder.find(both)).toBeUndefined();
    expect(finder.size).toBe(1);
    finder.forget('one');
    expect(finder.size).toBe(0);
    expect(problems.counts).toEqual({ gone: 0, denied: 0, malformed: 0, slow: 0, object: 0, fault: 0 });
  });

  test('that there was none for 2 s, or until the pod has other containers', async () => {
    await using host = await hostTree({ ...v2, ...procs({ [app]: [] }) });
    const { finder, clock } = finderOf(host);
    expect(finder.find(both)).toBeUndefined();
    await host.add({
      ...procs({ [app]: [30], [sidecar]: [31] }),
      ...processes(app, { 30: {} }),
      ...processes(sidecar, { 31: {} }),
    });
    clock.time = 1_999;
    expect(finder.find(both)).toBeUndefined();
    expect(finder.find(targetOf([sidecar], []))).toBe(31);
    finder.forget('one');
    await host.remove('proc/30');
    expect(finder.find(both)).toBeUndefined();
    await host.add(processes(app, { 30: {} }));
    clock.time = 3_998;
    expect(finder.find(both)).toBeUndefined();
    clock.time = 3_999;
    expect(finder.find(both)).toBe(30);
  });
});
