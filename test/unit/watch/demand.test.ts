import { expect, test } from 'vitest';
import { containerRecords } from '../../../src/watch/container-record.ts';
import { podDemand } from '../../../src/watch/demand.ts';
import { resourcesOf } from '../../../src/watch/resources.ts';

interface Lists {
  readonly requests?: object;
  readonly limits?: object;
}

/** A pod's requests and limits; app containers first, then init containers in their order. */
function demandOf(apps: readonly Lists[], inits: readonly (Lists & { sidecar?: true })[] = [], rest: object = {}) {
  const spec = {
    containers: apps.map((resources, index) => ({ name: `app-${index}`, resources })),
    initContainers: inits.map(({ sidecar, ...resources }, index) => ({
      name: `init-${index}`,
      resources,
      ...(sidecar && { restartPolicy: 'Always' }),
    })),
    ...rest,
  };
  const { requests, limits } = podDemand(spec, containerRecords(spec, {}));
  return { requests: resourcesOf(requests), limits: resourcesOf(limits) };
}

const core = 1_000_000_000;
const mebibyte = 1_048_576;

test('app containers add up', () => {
  const one = { requests: { cpu: '250m', memory: '64Mi', 'ephemeral-storage': '1Gi' }, limits: { cpu: '1', memory: '128Mi' } };
  expect(demandOf([one, one])).toEqual({
    requests: { cpuNanocores: core / 2, memoryBytes: 128 * mebibyte, ephemeralStorageBytes: 2048 * mebibyte },
    limits: { cpuNanocores: 2 * core, memoryBytes: 256 * mebibyte },
  });
});

test('an init container counts for what it needs more than the app containers together', () => {
  const apps = [{ requests: { cpu: '1', memory: '64Mi' } }, { requests: { cpu: '1' } }];
  const inits = [{ requests: { cpu: '500m', memory: '100Mi' } }, { requests: { cpu: '3' } }];
  expect(demandOf(apps, inits).requests).toEqual({ cpuNanocores: 3 * core, memoryBytes: 100 * mebibyte });
});

test('a sidecar counts beside the app containers, and beside the init containers after it only', () => {
  const inits = [
    { requests: { cpu: '4' } },
    { requests: { cpu: '1', memory: '10Mi' }, sidecar: true as const },
    { requests: { cpu: '3500m', memory: '5Mi' } },
  ];
  expect(demandOf([{ requests: { cpu: '1' } }], inits).requests).toEqual({
    cpuNanocores: 4.5 * core,
    memoryBytes: 15 * mebibyte,
  });
});

test('one container without a limit leaves the pod without one, but for its storage', () => {
  const limits = { cpu: '1', memory: '64Mi', 'ephemeral-storage': '1Gi' };
  expect(demandOf([{ limits }, { limits: { memory: '64Mi' } }]).limits).toEqual({
    memoryBytes: 128 * mebibyte,
    ephemeralStorageBytes: 1024 * mebibyte,
  });
  expect(demandOf([{ limits }], [{}]).limits).toEqual({ ephemeralStorageBytes: 1024 * mebibyte });
});

test('a limit of nothing is none, a request of nothing is 0', () => {
  expect(demandOf([{ requests: { cpu: '0' }, limits: { cpu: '0', memory: '0' } }])).toEqual({
    requests: { cpuNanocores: 0 },
    limits: {},
  });
});

test('the overhead comes on top of requests, and of the limits there are', () => {
  const overhead = { cpu: '250m', memory: '120Mi' };
  expect(demandOf([{ requests: { cpu: '1' }, limits: { cpu: '1' } }], [], { overhead })).toEqual({
    requests: { cpuNanocores: 1.25 * core, memoryBytes: 120 * mebibyte },
    limits: { cpuNanocores: 1.25 * core },
  });
});

test("the pod's own resources stand in the place of what its containers add up to", () => {
  const resources = { requests: { cpu: '2' }, limits: { cpu: '4', memory: '1Gi', 'ephemeral-storage': '1' } };
  const overhead = { memory: '24Mi' };
  expect(demandOf([{ requests: { cpu: '3', memory: '64Mi' } }, {}], [], { resources, overhead })).toEqual({
    requests: { cpuNanocores: 2 * core, memoryBytes: 88 * mebibyte },
    limits: { cpuNanocores: 4 * core, memoryBytes: 1048 * mebibyte },
  });
});

test('amounts above 2^53 are exact, and end at 2^63-1', () => {
  expect(demandOf([{ requests: { memory: '9007199254740993' } }]).requests).toEqual({ memoryBytes: 9_007_199_254_740_993n });
  expect(demandOf([{ requests: { memory: '8Ei' } }, { requests: { memory: '8Ei' } }]).requests).toEqual({
    memoryBytes: 2n ** 63n - 1n,
  });
});

test('a part of a byte is a byte', () => {
  expect(demandOf([{ requests: { memory: '0.1Ki' } }]).requests).toEqual({ memoryBytes: 103 });
});

const wished = { requests: { cpu: '2', memory: '64Mi' }, limits: { cpu: '4' } };

test.each([
  [
    'the spec where the status has none',
    {},
    { cpuNanocores: 2 * core, memoryBytes: 64 * mebibyte },
    { cpuNanocores: 4 * core },
  ],
  [
    'what the kubelet has enacted',
    { resources: { requests: { cpu: '1', memory: '32Mi' }, limits: { cpu: '2' } }, allocatedResources: { cpu: '2' } },
    { cpuNanocores: core, memoryBytes: 32 * mebibyte },
    { cpuNanocores: 2 * core },
  ],
  ['no limit where none is enacted yet', { resources: { requests: { cpu: '1' } } }, { cpuNanocores: core }, {}],
  [
    'what the node has allocated where that is all it says',
    { allocatedResources: { cpu: '1' } },
    { cpuNanocores: core },
    { cpuNanocores: 4 * core },
  ],
  [
    'the spec where the status is nonsense',
    { resources: 'x', allocatedResources: 7 },
    { cpuNanocores: 2 * core, memoryBytes: 64 * mebibyte },
    { cpuNanocores: 4 * core },
  ],
])('in force for a container: %s', (_, status, requests, limits) => {
  const spec = { containers: [{ name: 'main', resources: wished }] };
  const records = containerRecords(spec, { containerStatuses: [{ name: 'main', ...status }] });
  expect(records[0]?.container.api).toMatchObject({ requests, limits });
  const demand = podDemand(spec, records);
  expect([resourcesOf(demand.requests), resourcesOf(demand.limits)]).toEqual([requests, limits]);
});
