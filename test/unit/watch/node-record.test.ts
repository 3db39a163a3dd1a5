import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { nodeRecord } from '../../../src/watch/node-record.ts';

test('what is kept of a node', () => {
  const node = {
    kind: 'Node',
    metadata: { name: 'node-1' },
    spec: { unschedulable: true },
    status: {
      capacity: { cpu: '4', memory: '16393244Ki', 'ephemeral-storage': '98831908Ki', pods: '110', 'hugepages-2Mi': '0' },
      allocatable: { cpu: '3920m', memory: '14803996Ki', 'ephemeral-storage': '91083486262', pods: '110' },
      addresses: [
        { type: 'InternalIP', address: '10.0.0.7' },
        { type: 'InternalIP', address: 'fd00::7' },
        { type: 'ExternalIP', address: '192.0.2.7' },
        { type: 'Hostname', address: 'node-1.example' },
      ],
      daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
      nodeInfo: {
        kernelVersion: '6.1.0',
        osImage: 'Debian GNU/Linux 12 (bookworm)',
        containerRuntimeVersion: 'containerd://1.6.20',
        kubeletVersion: 'v1.36.3',
      },
      conditions: [
        { type: 'MemoryPressure', status: 'False' },
        { type: 'DiskPressure', status: 'True' },
        { type: 'PIDPressure', status: 'Unknown' },
        { type: 'Ready', status: 'True' },
      ],
    },
  };
  expect(nodeRecord(node)).toEqual({
    capacity: {
      cpuNanocores: 4_000_000_000,
      memoryBytes: 16_786_681_856,
      ephemeralStorageBytes: 101_203_873_792,
      pods: 110,
    },
    allocatable: {
      cpuNanocores: 3_920_000_000,
      memoryBytes: 15_159_291_904,
      ephemeralStorageBytes: 91_083_486_262,
      pods: 110,
    },
    internalIps: ['10.0.0.7', 'fd00::7'],
    externalIps: ['192.0.2.7'],
    hostname: 'node-1.example',
    kubeletPort: 10_250,
    kernelVersion: '6.1.0',
    osImage: 'Debian GNU/Linux 12 (bookworm)',
    containerRuntimeVersion: 'containerd://1.6.20',
    kubeletVersion: 'v1.36.3',
    ready: true,
    memoryPressure: false,
    diskPressure: true,
    pidPressure: undefined,
    unschedulable: true,
  });
});

const empty = { capacity: {}, allocatable: {}, internalIps: [], externalIps: [], unschedulable: false };

test('a node that says nothing yet has nothing', () => {
  expect(nodeRecord({ kind: 'Node' })).toEqual(empty);
});

test('nonsense is absent, and what is no address is not one to connect to', () => {
  const addresses = [
    null,
    { type: 'InternalIP', address: 'metadata.internal' },
    { type: 'InternalIP', address: '10.0.0.7@evil' },
    { type: 'Hostname', address: 7 },
  ];
  const daemonEndpoints = { kubeletEndpoint: { Port: 65_536 } };
  const status = { addresses, daemonEndpoints, capacity: { cpu: 'much', memory: -1 }, allocatable: 'all', conditions: {} };
  expect(nodeRecord({ kind: 'Node', spec: { unschedulable: 'no' }, status })).toEqual(empty);
});

test.each([[undefined], [null], ['Node'], [{}], [{ kind: 'Status', status: 'Failure' }]])('%j is no node', (object) => {
  expect(nodeRecord(object)).toBeUndefined();
});

test('no JSON makes it throw', () => {
  const wild = fc.jsonValue({ maxDepth: 2 });
  const addresses = fc.oneof(wild, fc.array(fc.record({ type: fc.constantFrom('InternalIP', 'Hostname'), address: wild })));
  const status = fc.record({ capacity: wild, addresses, daemonEndpoints: wild, nodeInfo: wild, conditions: wild });
  fc.assert(
    fc.property(fc.oneof(wild, fc.record({ kind: fc.constant('Node'), spec: wild, status })), (object) => {
      nodeRecord(object);
    }),
  );
});
