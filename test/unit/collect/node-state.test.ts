import { expect, test } from 'vitest';
import { nodeStateFields } from '../../../src/collect/node-state.ts';
import type { NodeRecord, Pod, PodState } from '../../../src/model.ts';
import { expectedPoints } from '../../support/expected-points.ts';
import { target } from './target-of.ts';

const record: NodeRecord = {
  capacity: { cpuNanocores: 4_000_000_000, memoryBytes: 16_000, ephemeralStorageBytes: 900, pods: 110 },
  allocatable: { cpuNanocores: 3_920_000_000, memoryBytes: 15_000, ephemeralStorageBytes: 800, pods: 100 },
  internalIps: ['10.0.0.7'],
  externalIps: [],
  kubeletPort: 10_250,
  kernelVersion: '6.12.0',
  osImage: 'Debian GNU/Linux 13 (trixie)',
  containerRuntimeVersion: 'containerd://2.1.0',
  kubeletVersion: 'v1.36.0',
  ready: true,
  memoryPressure: false,
  diskPressure: true,
  pidPressure: true,
  unschedulable: true,
};

function pods(...states: readonly (Partial<PodState> | undefined)[]): ReadonlyMap<string, Pod> {
  return new Map(
    states.map((state, index) => {
      const uid = `u${index}`;
      const api = state === undefined ? {} : { api: { terminating: false, requests: {}, limits: {}, ...state } };
      return [uid, target({ uid, ...api }).pod];
    }),
  );
}

const requests = { cpuNanocores: 250_000_000, memoryBytes: 1000, ephemeralStorageBytes: 10 };

test('a node is its record, and what its pods request next to it', () => {
  const fields = nodeStateFields(record, pods({ phase: 'Running', requests }, { phase: 'Pending', requests }));
  expect(fields).toEqual(expectedPoints.nodeState.fields);
});

test('pods that ended take nothing of the node, those that end or of which nobody has heard do', () => {
  const fields = nodeStateFields(
    undefined,
    pods(
      { phase: 'Succeeded', requests },
      { phase: 'Failed', requests, reason: 'Evicted' },
      { phase: 'Running', requests, terminating: true },
      { phase: 'Unknown', requests },
      { requests },
    ),
  );
  expect(fields).toEqual({
    pods: 3,
    cpu_requested_nanocores: 750_000_000,
    memory_requested_bytes: 3000,
    ephemeral_requested_bytes: 30,
  });
});

test('pods that request nothing request 0, and no sum loses a digit', () => {
  expect(nodeStateFields(undefined, pods({}, undefined))).toEqual({
    pods: 2,
    cpu_requested_nanocores: 0,
    memory_requested_bytes: 0,
    ephemeral_requested_bytes: 0,
  });
  const vast = { memoryBytes: 2 ** 53 - 1 };
  expect(nodeStateFields(undefined, pods({ requests: vast }, { requests: { memoryBytes: 2 } })).memory_requested_bytes).toBe(
    9_007_199_254_740_993n,
  );
});

test('a node without pods, of which the API server has not told', () => {
  expect(nodeStateFields(undefined, new Map())).toEqual({
    pods: 0,
    cpu_requested_nanocores: 0,
    memory_requested_bytes: 0,
    ephemeral_requested_bytes: 0,
  });
});
