import { describe, expect, test } from 'vitest';
import { createSumsLaw } from '../../../support/laws/sums-law.ts';
import { brokenBy, madeCycles, pod, podInfo } from './made-cycles.ts';

function cpu(time: number, ofPod: number, ...ofContainers: readonly number[]): string[] {
  const containers = ofContainers.map(
    (value, i) => `k8s_container,container=c${i},${pod} cpu_usage_core_nanoseconds=${value}i ${time}`,
  );
  return [`k8s_pod,${pod} cpu_usage_core_nanoseconds=${ofPod}i ${time}`, ...containers];
}

function memory(time: number, ofPod: number, ofContainer: number): string[] {
  return [
    `k8s_pod,${pod} memory_usage_bytes=${ofPod}i ${time}`,
    `k8s_container,container=c0,${pod} memory_usage_bytes=${ofContainer}i ${time}`,
  ];
}

describe('a pod has no less than its containers', () => {
  const cpuLaw = "pod has its containers' cpu_usage_core_nanoseconds";
  const memoryLaw = "pod has its containers' memory_usage_bytes";

  test('is broken by a counter that the pod has not reached a cycle later', () => {
    const first = [podInfo('u1', 2000), ...cpu(2000, 100, 60, 60)];
    expect(brokenBy(createSumsLaw, madeCycles(first, cpu(4000, 119, 60, 60), []))).toEqual({ [cpuLaw]: 1 });
    expect(brokenBy(createSumsLaw, madeCycles(first, cpu(4000, 120, 60, 60), []))).toEqual({});
  });

  test('says nothing of a pod by another of its name', () => {
    const cycles = madeCycles([podInfo('u1', 2000), ...cpu(2000, 100, 120)], [podInfo('u2', 4000), ...cpu(4000, 1, 1)], []);
    expect(brokenBy(createSumsLaw, cycles)).toEqual({});
  });

  test('says nothing of the cycle in which the name changes hands: the numbers may be those of either', () => {
    const second = [podInfo('u2', 4000), ...cpu(4000, 200, 150)];
    const first = [podInfo('u1', 2000), ...cpu(2000, 100, 90)];
    expect(brokenBy(createSumsLaw, madeCycles(first, second, cpu(6000, 1, 1), []))).toEqual({});
    const still = madeCycles(first, second, cpu(6000, 1, 1), cpu(8000, 0, 0), []);
    expect(brokenBy(createSumsLaw, still)).toEqual({ [cpuLaw]: 1 });
  });

  test('is broken by a gauge of the pod that lacks more than anything changed by', () => {
    const first = [podInfo('u1', 2000), ...memory(2000, 100, 90)];
    // It lacks 6: right after a change by 16 that is nothing, and later it is.
    expect(brokenBy(createSumsLaw, madeCycles(first, memory(4000, 99, 105), memory(6000, 99, 105)))).toEqual({});
    const still = madeCycles(first, memory(4000, 99, 105), memory(6000, 99, 105), memory(8000, 99, 105), []);
    expect(brokenBy(createSumsLaw, still)).toEqual({ [memoryLaw]: 2 });
  });

  test('is told of each device by itself', () => {
    const io = (time: number, ofPod: number, device: string) => [
      `k8s_pod_io,${pod},device=${device} write_bytes=${ofPod}i ${time}`,
      `k8s_container_io,container=c0,${pod},device=${device} write_bytes=5i ${time}`,
    ];
    const cycles = madeCycles(
      [podInfo('u1', 2000), ...io(2000, 5, 'sda'), ...io(2000, 4, 'sdb')],
      [...io(4000, 5, 'sda'), ...io(4000, 4, 'sdb')],
    );
    expect(brokenBy(createSumsLaw, cycles)).toEqual({ "pod has its containers' write_bytes of sdb": 1 });
  });

  test('leaves out what was told between two cycles', () => {
    const cycles = madeCycles([podInfo('u1', 2000), ...cpu(1500, 1, 120), ...cpu(2000, 100, 90)], cpu(4000, 100, 90));
    expect(brokenBy(createSumsLaw, cycles)).toEqual({});
  });
});
