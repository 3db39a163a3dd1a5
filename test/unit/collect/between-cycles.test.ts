/** What is read of a pod when the kernel tells that something happened, without a cycle. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { createEventWatches } from '../../../src/collect/event-watches.ts';
import type { Reading } from '../../../src/collect/reading.ts';
import { openPodUnit } from '../../../src/collect/pod-unit.ts';
import { expectedPoints } from '../../support/expected-points.ts';
import { filesIn, hostOf, named } from './host-of.ts';
import { podPath, podTags, target } from './target-of.ts';

const containerPath = `${podPath}/${'a'.repeat(64)}`;
const events = (kills: number, groups = 0): string => `oom ${kills}\noom_kill ${kills}\noom_group_kill ${groups}\n`;

/** A pod of one container, and what is told of it. */
async function pod(kills = 0, descriptors = 100) {
  const entries = {
    'sys/fs/cgroup/cgroup.controllers': 'cpu memory pids\n',
    ...filesIn(`sys/fs/cgroup${podPath}`, {
      'cpu.stat': 'usage_usec 9\n',
      'memory.events': events(kills),
      'cgroup.events': 'populated 1\nfrozen 0\n',
    }),
    ...filesIn(`sys/fs/cgroup${containerPath}`, {
      'cpu.stat': 'usage_usec 7\n',
      'memory.events': events(0),
      'memory.peak': '4096\n',
      'memory.max': '8192\n',
      'cgroup.events': 'populated 1\nfrozen 0\n',
    }),
  };
  const one = await hostOf(entries, { descriptors });
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const faults: unknown[] = [];
  const told: Reading[] = [];
  const watches = createEventWatches({
    max: 10,
    problems: one.host.problems,
    now: () => performance.now(),
    wait: (milliseconds) => setTimeout(milliseconds),
    signal: stop.signal,
    fault: (error) => void faults.push(error),
  });
  const between = { events: watches, tell: (readings: readonly Reading[]) => void told.push(...readings) };
  const unit = openPodUnit(target(), {
    host: { ...one.host, between },
    nodeTags: { cluster: 'c', node: 'n' },
    podTags: { of: () => podTags, sweep: () => undefined, folded: 0 },
    forget: () => undefined,
  });
  const write = (path: string, name: string, text: string): Promise<void> =>
    writeFile(join(one.tree.cgroupRoot, path, name), text);
  return { ...one, unit, watches, told, faults, write };
}

/** Until so much was told; a test that waits in vain runs out of time. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await setTimeout(5);
}

const memoryEvents = { memory_oom_events: 1, memory_oom_kills: 1, memory_oom_group_kills: 0 };

test('a kill is told of when it happens, with what else the file says and nothing more', async () => {
  const one = await pod();
  await one.write(podPath, 'memory.events', events(1));
  await until(() => one.told.length > 0);
  expect(one.told.map(named)).toEqual([
    { measurement: 'k8s_pod', tags: podTags, fields: { ...memoryEvents, ...expectedPoints.podKills.fields } },
  ]);
});

test('what was killed before the watch began is told of at once', async () => {
  const one = await pod(1);
  expect(one.told.map(named)).toEqual([{ measurement: 'k8s_pod', tags: podTags, fields: { ...memoryEvents, oom_kills: 1 } }]);
});

test('a change that is no kill is told of by the cycle alone', async () => {
  const one = await pod(1);
  await one.write(podPath, 'memory.events', `max 5\n${events(1)}`);
  await setTimeout(50);
  await one.write(podPath, 'memory.events', `max 5\n${events(2, 1)}`);
  await until(() => one.told.length > 1);
  expect(one.told.map((reading) => named(reading).fields.oom_kills)).toEqual([1, 2]);
  const [own] = one.unit.read(Infinity).map(named);
  expect(own?.fields).toMatchObject({ memory_max_events: 5, memory_oom_kills: 2, memory_oom_group_kills: 1, oom_kills: 2 });
});

test('when all that ran in a container has ended its last numbers are read, the rare ones too, and its limit', async () => {
  const one = await pod();
  await one.write(containerPath, 'cpu.stat', 'usage_usec 8\n');
  await one.write(containerPath, 'cgroup.events', 'populated 0\nfrozen 0\n');
  await until(() => one.told.length > 0);
  const [last] = one.told.map(named);
  expect(last).toMatchObject({
    measurement: 'k8s_container',
    tags: { ...podTags, container: 'app' },
    fields: { cpu_usage_core_nanoseconds: 8000, memory_peak_bytes: 4096, memory_limit_bytes: 8192, populated: false },
  });
});

test('the last numbers of a pod have its kills', async () => {
  const one = await pod(3);
  await one.write(podPath, 'cgroup.events', 'populated 0\nfrozen 0\n');
  await until(() => one.told.length > 1);
  expect(named(one.told[1] ?? { series: { measurement: 'k8s_pod', tags: {} }, values: [], at: 0 }).fields).toMatchObject({
    cpu_usage_core_nanoseconds: 9000,
    oom_kills: 3,
  });
});

test('of a container that is frozen nothing is told, nor of one that is gone already', async () => {
  const one = await pod();
  await one.write(containerPath, 'cgroup.events', 'populated 1\nfrozen 1\n');
  await one.tree.remove(`sys/fs/cgroup${containerPath}`);
  await one.write(podPath, 'memory.events', events(1));
  await until(() => one.told.length > 0);
  expect(one.told.map((reading) => named(reading).measurement)).toEqual(['k8s_pod']);
  expect(one.faults).toEqual([]);
});

test('a pod has two watches and a container one, and all end with it', async () => {
  const one = await pod();
  expect(one.watches.open).toBe(3);
  one.unit.update(target({}, []));
  expect(one.watches.open).toBe(2);
  one.unit.close();
  expect(one.watches.open).toBe(0);
});

test('of a pod whose cgroup is gone there is no further point', async () => {
  // A file of a made-up host can be read on through a descriptor that is kept; one of the kernel's cannot.
  const one = await pod(1, 0);
  await one.tree.remove(`sys/fs/cgroup${podPath}`);
  expect(one.unit.read(Infinity).map((reading) => [named(reading).measurement, named(reading).fields])).toContainEqual([
    'k8s_pod',
    {},
  ]);
});
