import { expect, test } from 'vitest';
import { openNodeUnit } from '../../../src/collect/node-unit.ts';
import { createRates } from '../../../src/derive/rates.ts';
import { toSamples } from '../../../src/derive/samples.ts';
import type { Fields } from '../../../src/model.ts';
import type { HostEntries } from '../../support/host-tree.ts';
import { stat } from '../host/proc-texts.ts';
import { fieldsOf } from '../metrics/fields-of.ts';
import { filesIn, hostOf, named } from './host-of.ts';
import type { TestHostOptions } from './host-of.ts';
import {
  eth0,
  initFiles,
  networkFields,
  nodeTags,
  procFields,
  procFiles,
  procOnlyFields,
  rootCgroup,
  rootFields,
} from './node-scene.ts';

const v2 = { 'sys/fs/cgroup/cgroup.controllers': 'cpu\n' };

async function nodeOf(entries: HostEntries, options: TestHostOptions & { readonly state?: Fields } = {}) {
  const one = await hostOf(entries, options);
  const unit = openNodeUnit({ host: one.host, nodeTags, state: () => options.state ?? {} });
  return { ...one, unit, read: () => unit.read(Infinity).map(named) };
}

test("a node is its root cgroup, what /proc tells, the API server's word, its sockets and its interfaces", async () => {
  const state = { ready: true, pods: 7, cpu_allocatable_nanocores: 3_920_000_000, kubelet_version: 'v1.36.0' };
  const { read, warnings } = await nodeOf({ ...rootCgroup, ...procFiles, ...initFiles }, { state });
  expect(read()).toEqual([
    { measurement: 'k8s_node', tags: nodeTags, fields: { ...procFields, ...rootFields, ...networkFields, ...state } },
    { measurement: 'k8s_node_network', tags: { ...nodeTags, interface: 'eth0' }, fields: { ...eth0, is_default: true } },
  ]);
  expect(warnings).toEqual([]);
});

test("the root cgroup's numbers go before those of /proc, which is all there is where it has none", async () => {
  const zero = { 'sys/fs/cgroup/memory.stat': 'inactive_file 0\n', 'sys/fs/cgroup/cpu.stat': 'usage_usec 0\n' };
  const [root] = (await nodeOf({ ...v2, ...procFiles, ...zero })).read();
  expect(root?.fields).toMatchObject({ cpu_usage_core_nanoseconds: 0, memory_inactive_file_bytes: 0 });
  const [older] = (await nodeOf({ ...v2, ...procFiles })).read();
  expect(older?.fields).toEqual({ ...procFields, ...procOnlyFields });
});

test('on v1 it is the roots of the hierarchies', async () => {
  const { read } = await nodeOf({
    ...procFiles,
    ...filesIn('sys/fs/cgroup/cpuacct', { 'cpuacct.usage': '9007199254740993\n', 'cpuacct.stat': 'user 7\nsystem 9\n' }),
    ...filesIn('sys/fs/cgroup/memory', {
      'memory.usage_in_bytes': '4096\n',
      'memory.stat': 'cache 1\ntotal_cache 3\ntotal_rss 2\ntotal_inactive_file 8192\n',
    }),
  });
  expect(read()[0]?.fields).toEqual({
    ...procFields,
    ...procOnlyFields,
    cpu_usage_core_nanoseconds: 9_007_199_254_740_993n,
    cpu_user_nanoseconds: 70_000_000,
    cpu_system_nanoseconds: 90_000_000,
    memory_usage_bytes: 4096,
    memory_rss_bytes: 2,
    memory_cache_bytes: 3,
    memory_inactive_file_bytes: 8192,
  });
});

test('a counter of the root cgroup that cannot be read is absent: that of /proc is counted otherwise, and might be less', async () => {
  const { tree, read } = await nodeOf({ ...rootCgroup, ...procFiles }, { descriptors: 0 });
  expect(read()[0]?.fields.cpu_usage_core_nanoseconds).toBe(rootFields.cpu_usage_core_nanoseconds);
  await tree.remove('sys/fs/cgroup/cpu.stat');
  const [node] = read();
  expect(node?.fields.cpu_usage_core_nanoseconds).toBeUndefined();
  expect(node?.fields.cpu_idle_nanoseconds).toBe(procFields.cpu_idle_nanoseconds);
});

test('CPU has a rate also where /proc alone counts it', async () => {
  const { tree, clock, unit } = await nodeOf({ ...v2, ...procFiles }, { descriptors: 0 });
  const rates = createRates();
  const usage = (): unknown => {
    const [sample] = toSamples(unit.read(Infinity), rates, { startedAt: clock.time, time: 0 });
    return sample === undefined ? undefined : fieldsOf(sample.measurement, sample.values).cpu_usage_nanocores;
  };
  expect(usage()).toBeUndefined();
  // 5 s of one CPU in 10 s.
  await tree.add({ 'proc/stat': stat.replace('cpu  765215', 'cpu  765715') });
  clock.time += 10_000;
  expect(usage()).toBe(500_000_000);
});

test('a node of which nothing can be read is what the API server says of it', async () => {
  const { read, warnings, host } = await nodeOf(v2, { state: { ready: false } });
  expect(read()).toEqual([{ measurement: 'k8s_node', tags: nodeTags, fields: { ready: false } }]);
  expect([warnings, host.problems.counts.malformed]).toEqual([[], 0]);
});

test('it is timed apart from its network, and closes all it opened', async () => {
  const { unit, host, clock } = await nodeOf({ ...rootCgroup, ...procFiles, ...initFiles });
  clock.step = 1;
  unit.read(Infinity);
  unit.read(Infinity);
  const { node, network, sockets } = host.meters;
  expect([node.reads, network.reads, sockets.reads]).toEqual([2, 2, 2]);
  expect(Math.min(node.milliseconds, network.milliseconds, sockets.milliseconds)).toBeGreaterThan(0);
  expect(host.descriptors.open).toBeGreaterThan(0);
  unit.close();
  expect(host.descriptors.open).toBe(0);
});
