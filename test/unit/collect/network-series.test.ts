import { expect, test } from 'vitest';
import { openNetworkSeries } from '../../../src/collect/network-series.ts';
import { blankOf } from '../../../src/metrics/values.ts';
import { expectedPoints } from '../../support/expected-points.ts';
import { filesIn, hostOf, named } from './host-of.ts';
import type { TestHostOptions } from './host-of.ts';
import { target } from './target-of.ts';

const leaf = `sys/fs/cgroup/kubepods/podu1/${'a'.repeat(64)}`;
const header = 'Inter-|   Receive\n face |bytes\n';
const tags = { pod: 'web-0' };

function netDev(...names: readonly string[]): string {
  return header + names.map((name, index) => `  ${name}: ${index} 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n`).join('');
}

function routeBy(name: string): string {
  return `Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\n${name}\t00000000\t0100000A\t0003\t0\t0\t0\t00000000\n`;
}

function processFiles(pid: number, texts: Readonly<Record<string, string>>) {
  return filesIn(`proc/${pid}`, {
    stat: `${pid} (app) S 1 42 42 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 500 0 0\n`,
    cgroup: `0::/kubepods/podu1/${'a'.repeat(64)}\n`,
    ...texts,
  });
}

async function podOf(texts: Readonly<Record<string, string>>, options: TestHostOptions = { collectors: ['network'] }) {
  const one = await hostOf(
    {
      'sys/fs/cgroup/cgroup.controllers': '\n',
      [`${leaf}/cgroup.procs`]: '42\n',
      'proc/1/net/dev': netDev('eth0'),
      ...processFiles(42, texts),
    },
    options,
  );
  const series = openNetworkSeries(one.host, { tags, owner: 'u1' });
  const values = blankOf('k8s_pod');
  const read = () => series.read(target(), values).map(named);
  const defaults = () =>
    read().flatMap(({ tags: { interface: name }, fields }) =>
      fields.is_default === expectedPoints.podInterface.fields.is_default ? [name] : [],
    );
  return { ...one, series, read, defaults, values };
}

test('each interface but lo is a point, and the one of the default route is marked', async () => {
  const { read, defaults } = await podOf({ 'net/dev': netDev('lo', 'eth0', 'net1'), 'net/route': routeBy('net1') });
  expect(read().map((reading) => [reading.measurement, reading.tags['interface'], reading.fields.rx_bytes])).toEqual([
    ['k8s_pod_network', 'eth0', 1],
    ['k8s_pod_network', 'net1', 2],
  ]);
  expect(defaults()).toEqual(['net1']);
});

test.each([
  ['eth0 where there is one', ['lo', 'net1', 'eth0'], ['eth0']],
  ['the first else', ['lo', 'net1', 'net2'], ['net1']],
])('without a default route it is %s', async (_, names, marked) => {
  const { defaults } = await podOf({ 'net/dev': netDev(...names) });
  expect(defaults()).toEqual(marked);
});

test('the route is looked for again after a minute, and when the interfaces change', async () => {
  const { tree, clock, defaults } = await podOf({ 'net/dev': netDev('eth0', 'net1'), 'net/route': routeBy('eth0') });
  expect(defaults()).toEqual(['eth0']);
  await tree.add({ 'proc/42/net/route': routeBy('net1') });
  clock.time += 59_999;
  expect(defaults()).toEqual(['eth0']);
  clock.time += 1;
  expect(defaults()).toEqual(['net1']);
  await tree.add({ 'proc/42/net/route': routeBy('eth0'), 'proc/42/net/dev': netDev('eth0', 'net1', 'net2') });
  expect(defaults()).toEqual(['eth0']);
});

test('an interface that went is no point any more, one that came is', async () => {
  const { tree, read } = await podOf({ 'net/dev': netDev('eth0', 'net1') });
  read();
  await tree.add({ 'proc/42/net/dev': netDev('net2', 'eth0') });
  expect(read().map(({ tags: { interface: name } }) => name)).toEqual(['net2', 'eth0']);
});

test('when the process ends another of the pod is read', async () => {
  const { tree, clock, read } = await podOf({ 'net/dev': netDev('eth0') }, { collectors: ['network'], descriptors: 0 });
  expect(read()).toHaveLength(1);
  await tree.remove('proc/42');
  expect(read()).toEqual([]);
  await tree.add({ [`${leaf}/cgroup.procs`]: '43\n', ...processFiles(43, { 'net/dev': netDev('eth1') }) });
  clock.time += 60_000;
  expect(read().map(({ tags: { interface: name } }) => name)).toEqual(['eth1']);
});

test("a process on the host's network is no pod's", async () => {
  const { tree, read } = await podOf({});
  await tree.add({ 'proc/42/net/dev': { link: '../../1/net/dev' } });
  expect(read()).toEqual([]);
});

test.each([
  ['enters its own', 42],
  ['was only the runtime, whose place another one takes', 43],
])("a process on the host's network that %s is read then", async (_, pid) => {
  const { tree, read } = await podOf({});
  await tree.add({ 'proc/42/net/dev': { link: '../../1/net/dev' } });
  expect(read()).toEqual([]);
  await tree.remove('proc/42');
  await tree.add({ [`${leaf}/cgroup.procs`]: `${pid}\n`, ...processFiles(pid, { 'net/dev': netDev('eth1') }) });
  expect(read().map(({ tags: { interface: name } }) => name)).toEqual(['eth1']);
});

test('sockets go to the values of the pod, by a collector of their own', async () => {
  const files = { 'net/dev': netDev('eth0'), 'net/sockstat': 'sockets: used 11\n' };
  const only = await podOf(files, { collectors: ['sockets'] });
  expect(only.read()).toEqual([]);
  expect(only.values.filter((value) => value !== undefined)).toEqual([11]);
  const without = await podOf(files);
  expect(without.read()).toHaveLength(1);
  expect(without.values.filter((value) => value !== undefined)).toEqual([]);
  expect([without.host.meters.network.reads, without.host.meters.sockets.reads]).toEqual([1, 0]);
});

test('nothing stays open after close', async () => {
  const { series, host, read } = await podOf({ 'net/dev': netDev('eth0') });
  read();
  expect(host.descriptors.open).toBe(1);
  series.close();
  expect(host.descriptors.open).toBe(0);
});

test('interfaces that a pod makes without end, or renames, do not become series without end', async () => {
  const first = Array.from({ length: 63 }, (_, index) => `net${index}`);
  const { tree, read, host, warnings } = await podOf({ 'net/dev': netDev('eth0', ...first) });
  expect(read()).toHaveLength(64);
  await tree.add({ 'proc/42/net/dev': netDev('eth0', 'one', 'other', 'net0') });
  const names = () => read().map(({ tags: { interface: name } }) => name);
  expect([names(), names()]).toEqual([
    ['eth0', 'net0'],
    ['eth0', 'net0'],
  ]);
  expect(host.problems.counts.denied).toBe(4);
  expect(warnings).toEqual(['Interface "one" of a pod and others are left out: it has had 64 already']);
});
