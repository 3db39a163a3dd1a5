import { expect, test } from 'vitest';
import { containerRecords } from '../../../src/watch/container-record.ts';

const unbounded = { requests: {}, limits: {} };
const zero = Date.UTC(2026, 10, 23);

function stateOf(status: object, spec: object = {}) {
  return containerRecords({ containers: [{ name: 'main', ...spec }] }, { containerStatuses: [{ name: 'main', ...status }] })[0]
    ?.container.api;
}

test('a container that was killed for memory and runs again tells of both runs', () => {
  const status = {
    containerID: 'containerd://bb22',
    image: 'registry.example/shop/web:1.2',
    imageID: 'registry.example/shop/web@sha256:0123',
    ready: true,
    started: true,
    restartCount: 3,
    state: { running: { startedAt: '2026-11-23T00:00:20Z' } },
    lastState: {
      terminated: {
        reason: 'OOMKilled',
        exitCode: 137,
        startedAt: '2026-11-23T00:00:00Z',
        finishedAt: '2026-11-23T00:00:10Z',
        containerID: 'containerd://aa11',
      },
    },
  };
  expect(stateOf(status, { image: 'shop/web:1.2' })).toEqual({
    ...unbounded,
    kind: 'container',
    image: 'shop/web:1.2',
    imageId: 'registry.example/shop/web@sha256:0123',
    ready: true,
    started: true,
    restartCount: 3,
    startedAt: zero + 20_000,
    lastTermination: {
      reason: 'OOMKilled',
      exitCode: 137,
      startedAt: zero,
      finishedAt: zero + 10_000,
      containerId: 'aa11',
    },
  });
});

test('an end is told under the id of its run, now and after the next start', () => {
  const terminated = { reason: 'OOMKilled', exitCode: 137, finishedAt: '2026-11-23T00:00:10Z', containerID: 'cri-o://aa11' };
  const end = { reason: 'OOMKilled', exitCode: 137, finishedAt: zero + 10_000, containerId: 'aa11' };
  expect(stateOf({ containerID: 'cri-o://aa11', state: { terminated } })?.termination).toEqual(end);
  const waiting = { reason: 'CrashLoopBackOff', message: 'not kept' };
  expect(stateOf({ containerID: 'cri-o://aa11', state: { waiting }, lastState: { terminated } })).toMatchObject({
    waitingReason: 'CrashLoopBackOff',
    lastTermination: end,
  });
});

test('a run that a signal ended, or that never began', () => {
  const terminated = { exitCode: 0, signal: 9, startedAt: '1970-01-01T00:00:00Z', finishedAt: null };
  expect(stateOf({ state: { terminated } })?.termination).toEqual({ exitCode: 0, signal: 9 });
});

test('the kinds of containers', () => {
  const spec = {
    containers: [{ name: 'app' }],
    initContainers: [{ name: 'setup' }, { name: 'proxy', restartPolicy: 'Always' }],
    ephemeralContainers: [{ name: 'debugger' }],
  };
  const status = { initContainerStatuses: [{ name: 'only in the status' }] };
  expect(
    containerRecords(spec, status).map(({ container, specified }) => [container.name, container.api?.kind, specified]),
  ).toEqual([
    ['app', 'container', true],
    ['setup', 'init', true],
    ['proxy', 'sidecar', true],
    ['debugger', 'ephemeral', true],
    ['only in the status', 'init', false],
  ]);
});

test('the image is the one of the status where the spec has none', () => {
  expect(stateOf({ image: 'docker.io/library/web:1' })?.image).toBe('docker.io/library/web:1');
});

test('nonsense is absent', () => {
  const status = { ready: 'true', started: 1, restartCount: '3', image: {}, imageID: [], lastState: { terminated: 'x' } };
  expect(stateOf({ ...status, state: { running: { startedAt: 'soon' } } }, { image: 7 })).toEqual({
    ...unbounded,
    kind: 'container',
  });
});

test('a thousand containers are kept of an object that has more', () => {
  const containers = Array.from({ length: 5000 }, (_, index) => ({ name: `c${index}` }));
  expect(containerRecords({ containers }, {})).toHaveLength(1000);
});
