import { describe, expect, test } from 'vitest';
import { containerInfo, podInfo } from '../../../src/collect/info-fields.ts';
import { valuesOf } from '../../../src/metrics/values.ts';
import type { Container, ContainerState, Fields, PodState } from '../../../src/model.ts';
import { expectedPoints } from '../../support/expected-points.ts';
import { fieldsOf } from '../metrics/fields-of.ts';
import { running, target } from './target-of.ts';

const nothing: ContainerState = { kind: 'container', requests: {}, limits: {} };
const nobody: PodState = { terminating: false, requests: {}, limits: {} };

/** As they are written: no field gets lost on the way. */
function written(measurement: 'k8s_pod_info' | 'k8s_container_info', fields: Fields): Fields {
  const known = Object.entries(fields).filter(([, value]) => value !== undefined);
  const kept = fieldsOf(measurement, valuesOf(measurement, fields));
  expect(Object.keys(kept).toSorted()).toEqual(known.map(([name]) => name).toSorted());
  return kept;
}

function pod(api: PodState, containers: readonly Container[] = []): Fields {
  return written('k8s_pod_info', podInfo(target({ api }, containers).pod, api, undefined));
}

function container(api: ContainerState, change: Partial<Container> = {}): Fields {
  return written('k8s_container_info', containerInfo({ ...running('app', 'a'), api, ...change }, api, 0));
}

const requests = { cpuNanocores: 100_000_000, memoryBytes: 1024, ephemeralStorageBytes: 10 };
const limits = { cpuNanocores: 200_000_000, memoryBytes: 2048, ephemeralStorageBytes: 20 };
describe('a pod', () => {
  test('with all that is told of one', () => {
    const api: PodState = {
      phase: 'Failed',
      reason: 'Evicted',
      ready: false,
      startTime: 1_700_000_000_000,
      terminating: true,
      priority: -5,
      priorityClassName: 'batch',
      requests,
      limits,
    };
    const restarted = (name: string, restartCount: number): Container => ({
      ...running(name, 'a'),
      api: { ...nothing, restartCount },
    });
    const { pod: evicted } = target({ api, hostNetwork: true }, [restarted('app', 2), restarted('log', 3)]);
    expect(written('k8s_pod_info', podInfo(evicted, api, 4))).toEqual(expectedPoints.podInfo.fields);
  });

  test('of which next to nothing is known: no zeros, and texts that are none are empty', () => {
    expect(pod(nobody)).toEqual({ uid: 'u1', reason: '', terminating: false, priority_class: '', host_network: false });
  });

  test('restarts are absent until the kubelet has told of any container, and then the sum of those it told of', () => {
    const waiting: Container = { name: 'app', state: 'waiting', api: nothing };
    expect(pod(nobody, [waiting]).restarts).toBeUndefined();
    expect(pod(nobody, [waiting, { ...waiting, api: { ...nothing, restartCount: 0 } }]).restarts).toBe(0);
  });
});

describe('a container', () => {
  test('with all that is told of one', () => {
    const api: ContainerState = {
      kind: 'sidecar',
      image: 'nginx:1.29',
      imageId: 'docker.io/library/nginx@sha256:1',
      ready: true,
      restartCount: 3,
      waitingReason: 'CrashLoopBackOff',
      startedAt: 1_700_000_009_000,
      lastTermination: { reason: 'Error', exitCode: 137, signal: 9, finishedAt: 1_700_000_008_000, containerId: 'b' },
      requests,
      limits,
    };
    const { fields } = expectedPoints.containerInfo;
    expect(written('k8s_container_info', containerInfo({ ...running('app', 'a'), api }, api, 7))).toEqual(fields);
  });

  test('that was never made: no zeros, and texts that are none are empty', () => {
    const api: ContainerState = { ...nothing, waitingReason: 'ImagePullBackOff' };
    expect(written('k8s_container_info', containerInfo({ name: 'app', state: 'waiting', api }, api, 0))).toEqual({
      kind: 'container',
      id: '',
      image_id: '',
      state: 'waiting',
      waiting_reason: 'ImagePullBackOff',
      exit_reason: '',
      oom_kills: 0,
    });
  });

  test('its present end goes before the one before it, as a whole', () => {
    const api: ContainerState = {
      ...nothing,
      termination: { reason: 'Completed', exitCode: 0, finishedAt: 2000, containerId: 'a' },
      lastTermination: { reason: 'OOMKilled', exitCode: 137, signal: 9, finishedAt: 1000, containerId: 'b' },
    };
    expect(container(api, { state: 'terminated' })).toMatchObject({
      exit_reason: 'Completed',
      exit_code: 0,
      exited_at_milliseconds: 2000,
    });
    // InfluxDB keeps the last value of a field: the signal of the end before must not stay.
    expect(container(api).exit_signal).toBe(0);
  });

  test.each(['container', 'init', 'sidecar', 'ephemeral'] as const)('%s is told apart from the others', (kind) => {
    expect(container({ ...nothing, kind }).kind).toBe(kind);
  });
});
