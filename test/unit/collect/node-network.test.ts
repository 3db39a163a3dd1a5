import { expect, test } from 'vitest';
import { openNodeNetwork } from '../../../src/collect/node-network.ts';
import { blankOf } from '../../../src/metrics/values.ts';
import type { HostEntries } from '../../support/host-tree.ts';
import { nfConntrack } from '../host/proc-texts.ts';
import { fieldsOf } from '../metrics/fields-of.ts';
import { expectedPoints } from '../../support/expected-points.ts';
import { hostOf, named } from './host-of.ts';
import type { TestHostOptions } from './host-of.ts';
import { eth0, initFiles, netDevOf, networkFields, nodeTags, processStat } from './node-scene.ts';

const routes =
  'Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\nbond0\t00000000\t0100000A\t0003\t0\t0\t0\t00000000\t0\t0\t0\n';

async function networkOf(entries: HostEntries, options?: TestHostOptions) {
  const one = await hostOf({ 'sys/fs/cgroup/cgroup.controllers': 'cpu\n', ...initFiles, ...entries }, options);
  const network = openNodeNetwork(one.host, { nodeTags, owner: 'node' });
  return {
    ...one,
    network,
    /** The readings, and what was added to the values of the node. */
    read() {
      const values = blankOf('k8s_node');
      const readings = network.read(values).map(named);
      return { readings, node: fieldsOf('k8s_node', values), interfaces: readings.map(({ tags }) => tags['interface']) };
    },
  };
}

test('each interface of its own is a point; sockets and tracked connections are the node itself', async () => {
  const { read } = await networkOf({ 'proc/1/net/dev': netDevOf('lo', 'eth0', 'bond0'), 'proc/1/net/route': routes });
  const { readings, node } = read();
  expect(readings).toMatchObject([
    { measurement: 'k8s_node_network', tags: { ...nodeTags, interface: 'eth0' }, fields: { ...eth0, is_default: false } },
    {
      measurement: 'k8s_node_network',
      tags: { ...nodeTags, interface: 'bond0' },
      fields: { rx_bytes: 201, ...expectedPoints.nodeInterface.fields },
    },
  ]);
  expect(node).toEqual(networkFields);
});

test.each([
  'veth1a2b3c4d',
  'cali0123456789a',
  'lxc0a1b2c3d4e5f',
  'lxc_health',
  'eni0123456789a',
  'gke0123456789a',
  'azv0123456789a',
  'tap0123456789a',
  'br-0123456789ab',
  '0f1e2d3c4b5a697',
  '0f1e2d3c4b5a6_3',
  '0f1e2d3c4b5a_h',
  '0f1e2d3c_net1_h',
  'coredns--1a2b3c',
  'web-0f1e2d',
])('%s, the end of a pod, would be a series for each pod', async (name) => {
  const { read } = await networkOf({ 'proc/1/net/dev': netDevOf('lo', 'eth0', name) });
  expect(read().interfaces).toEqual(['eth0']);
});

test.each([
  'enp3s0f1',
  'ens5',
  'eno1',
  'bond0.100',
  'wlan0',
  'cni0',
  'flannel.1',
  'br-ex',
  'antrea-gw0',
  'ovn-k8s-mp0',
  'cbr0',
  'team_a',
  'enx0a1b2c3d4e5f',
])('%s is an interface of the node', async (name) => {
  const { read } = await networkOf({ 'proc/1/net/dev': netDevOf('lo', 'eth0', name) });
  expect(read().interfaces).toEqual(['eth0', name]);
});

test.each([
  ['process 1 is the pause of the pod', { 'proc/1/stat': processStat(1, 'pause') }],
  ['podgauge is process 1', { 'proc/self': { link: '1' } }],
])('without hostPID (%s) nothing is the network of the node', async (_case, entries) => {
  const { read, host, warnings } = await networkOf(entries);
  expect(read()).toEqual({ readings: [], node: {}, interfaces: [] });
  expect([host.descriptors.open, warnings]).toEqual([0, []]);
});

test('with it podgauge has a pid like any other', async () => {
  const { read } = await networkOf({ 'proc/self': { link: '4711' } });
  expect(read().interfaces).toEqual(['eth0']);
});

test('what is wanted alone is read', async () => {
  const sockets = (await networkOf({}, { collectors: ['sockets'] })).read();
  expect(sockets).toEqual({ readings: [], node: networkFields, interfaces: [] });
  const network = (await networkOf({}, { collectors: ['network'] })).read();
  expect([network.interfaces, network.node]).toEqual([['eth0'], {}]);
  const none = await networkOf({}, { collectors: ['node', 'cpu'] });
  expect([none.read().readings, none.host.descriptors.open]).toEqual([[], 0]);
});

test('a node whose kernel tracks no connections has none of these fields', async () => {
  const { tree, read, warnings } = await networkOf({});
  await tree.remove('proc/1/net/stat', 'proc/sys');
  const { conntrack_entries: _entries, conntrack_dropped: _dropped, conntrack_limit: _limit, ...rest } = networkFields;
  expect(read().node).toEqual(rest);
  expect(warnings).toEqual([]);
});

test('a row of tracked connections that is not understood leaves the sum absent, for it would be too small', async () => {
  const { read, warnings } = await networkOf({ 'proc/1/net/stat/nf_conntrack': nfConntrack.replace('0000002b', 'zzzzzzzz') });
  const { conntrack_dropped: _, ...rest } = networkFields;
  expect(read().node).toEqual(rest);
  expect(warnings).toHaveLength(1);
});

test('tags are the same objects from cycle to cycle, and those of an interface that went are let go', async () => {
  const { tree, network, clock } = await networkOf({ 'proc/1/net/dev': netDevOf('lo', 'eth0', 'wg0') });
  const tags = () => network.read(blankOf('k8s_node')).map((reading) => reading.series.tags);
  const [first, second] = tags();
  expect(tags()[1]).toBe(second);
  await tree.add({ 'proc/1/net/dev': netDevOf('lo', 'eth0') });
  clock.time += 1000;
  expect(tags()).toHaveLength(1);
  await tree.add({ 'proc/1/net/dev': netDevOf('lo', 'eth0', 'wg0') });
  const [again, anew] = tags();
  expect(again).toBe(first);
  expect(anew).toEqual(second);
  expect(anew).not.toBe(second);
});
