import { expect, test } from 'vitest';
import { createPodTags } from '../../../src/collect/pod-tags.ts';
import { openSliceUnit } from '../../../src/collect/slice-unit.ts';
import type { HostEntries } from '../../support/host-tree.ts';
import { filesIn, hostOf, named } from './host-of.ts';
import type { TestHostOptions } from './host-of.ts';

const nodeTags = { cluster: 'c', node: 'n' };
const v2 = { 'sys/fs/cgroup/cgroup.controllers': 'cpu memory pids\n' };

async function sliceOf(name: string, entries: HostEntries, options?: TestHostOptions) {
  const one = await hostOf(entries, options);
  const forgotten: string[] = [];
  const path = name === '/' ? '/' : `/${name}`;
  const podTags = createPodTags({ nodeTags, properties: [], nameBy: () => 'own', exists: () => true });
  const forget = (key: string): void => void forgotten.push(key);
  return { ...one, forgotten, unit: openSliceUnit({ name, path }, { host: one.host, nodeTags, podTags, forget }) };
}

test('a service is its own cgroup, with its kills and what lies below it', async () => {
  const files = filesIn('sys/fs/cgroup/system.slice/kubelet.service', {
    'cpu.stat': 'usage_usec 9\nuser_usec 4\nsystem_usec 5\n',
    'memory.current': '8192\n',
    'memory.max': 'max\n',
    'memory.stat': 'anon 4096\ninactive_file 1024\n',
    'memory.events': 'low 0\nhigh 0\nmax 0\noom 1\noom_kill 2\n',
    'pids.current': '33\n',
    'pids.max': '100\n',
    'cgroup.stat': 'nr_descendants 1\nnr_dying_descendants 2\n',
  });
  const { unit } = await sliceOf('system.slice/kubelet.service', { ...v2, ...files });
  const [reading, ...rest] = unit.read(Infinity).map(named);
  expect(reading).toMatchObject({
    measurement: 'k8s_system',
    tags: { ...nodeTags, slice: 'system.slice/kubelet.service' },
    fields: {
      cpu_usage_core_nanoseconds: 9000,
      memory_usage_bytes: 8192,
      memory_rss_bytes: 4096,
      memory_oom_kills: 2,
      pids: 33,
      pids_limit: 100,
      cgroups: 1,
      cgroups_dying: 2,
    },
  });
  expect(Object.keys(reading?.fields ?? {})).not.toContain('memory_limit_bytes');
  expect(rest).toEqual([]);
});

test('the root cgroup has what the kernel gives it, and nothing else', async () => {
  const { unit, warnings } = await sliceOf('/', { ...v2, 'sys/fs/cgroup/cpu.stat': 'usage_usec 7\n' });
  expect(unit.read(Infinity).map(named)).toEqual([
    { measurement: 'k8s_system', tags: { ...nodeTags, slice: '/' }, fields: { cpu_usage_core_nanoseconds: 7000 } },
  ]);
  expect(warnings).toEqual([]);
});

test('a slice that went is nothing, and leaves nothing: descriptors, rates', async () => {
  const { unit, host, tree, forgotten } = await sliceOf(
    'user.slice',
    { ...v2, ...filesIn('sys/fs/cgroup/user.slice', { 'cpu.stat': 'usage_usec 7\n', 'pids.current': '1\n' }) },
    { descriptors: 1 },
  );
  unit.read(Infinity);
  expect(host.descriptors.open).toBe(1);
  await tree.remove('sys/fs/cgroup/user.slice');
  unit.close();
  expect([host.descriptors.open, forgotten]).toEqual([0, ['/user.slice']]);
  expect(unit.read(Infinity).map((reading) => named(reading).fields)).toEqual([{}]);
});

test('nothing is read after the deadline', async () => {
  const { unit, clock, host } = await sliceOf('user.slice', { ...v2, 'sys/fs/cgroup/user.slice/pids.current': '1\n' });
  expect(unit.read(clock.time - 1).map((reading) => named(reading).fields)).toEqual([{}]);
  expect(host.descriptors.open).toBe(0);
});

test('it is timed', async () => {
  const { unit, host, clock } = await sliceOf('user.slice', { ...v2, 'sys/fs/cgroup/user.slice/pids.current': '1\n' });
  clock.step = 1;
  unit.read(Infinity);
  expect(host.meters.system.reads).toBe(1);
  expect(host.meters.system.milliseconds).toBeGreaterThan(0);
});

test('no time is counted twice, and what is read now and then is counted too', async () => {
  const files = filesIn('sys/fs/cgroup/user.slice', {
    'cpu.stat': 'usage_usec 7\n',
    'memory.max': '1\n',
    'memory.peak': '1\n',
  });
  const { unit, host, clock } = await sliceOf('user.slice', { ...v2, ...files });
  clock.step = 1;
  const startedAt = clock.time;
  unit.read(Infinity);
  const took = clock.time - startedAt;
  const times = Object.values(host.meters).map(({ milliseconds }) => milliseconds);
  expect(Math.min(...times)).toBeGreaterThanOrEqual(0);
  const counted = times.reduce((sum, milliseconds) => sum + milliseconds, 0);
  expect(counted).toBeLessThanOrEqual(took);
  expect(counted).toBeGreaterThan(took - 3);
});
