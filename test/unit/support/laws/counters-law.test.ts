import { describe, expect, test } from 'vitest';
import { createCgroupEnds } from '../../../support/laws/cgroup-ends.ts';
import { createCountersLaw } from '../../../support/laws/counters-law.ts';
import type { Identities } from '../../../support/laws/identities.ts';
import { brokenBy, containerInfo, madeCycles, main, pod, podInfo } from './made-cycles.ts';

const cpu = (value: number, time: number) => `k8s_container,${main} cpu_usage_core_nanoseconds=${value}i ${time}`;
const network = (value: number, time: number) => `k8s_pod_network,${pod},interface=eth0 rx_bytes=${value}i ${time}`;
const broken = { 'counters never fall': 1 };

function countersLaw(...lines: readonly string[]) {
  const ends = createCgroupEnds();
  ends.from(lines);
  return (identities: Identities) => createCountersLaw(identities, ends);
}

const withoutEnds = countersLaw();

describe('counters never fall', () => {
  test('is broken by a container whose CPU time falls', () => {
    const cycles = madeCycles(
      [podInfo('u1', 2000), containerInfo('c1', 0, 2000), cpu(9, 2000)],
      [cpu(8, 4000)],
      [cpu(9, 6000)],
    );
    expect(brokenBy(withoutEnds, cycles)).toEqual(broken);
  });

  test('is broken by what has no identity: the node', () => {
    const forks = (value: number, time: number) => `k8s_node,node=n forks=${value}i ${time}`;
    expect(brokenBy(withoutEnds, madeCycles([forks(9, 2000)], [forks(8, 4000)]))).toEqual(broken);
  });

  test('is told exactly of numbers that no float tells apart', () => {
    const node = (value: string, time: number) => `k8s_node,node=n forks=${value}i ${time}`;
    const cycles = madeCycles([node('9007199254740993', 2000)], [node('9007199254740992', 4000)]);
    expect(brokenBy(withoutEnds, cycles)).toEqual(broken);
  });

  test('leaves gauges alone, and counters that rise or stand still', () => {
    const point = (counter: number, gauge: number, time: number) =>
      `k8s_pod,${pod} memory_oom_kills=${counter}i,memory_usage_bytes=${gauge}i ${time}`;
    expect(brokenBy(withoutEnds, madeCycles([point(1, 9, 2000)], [point(1, 3, 4000)], [point(2, 1, 6000)]))).toEqual({});
  });

  test('lets a new run of a container begin anew, once', () => {
    const first = [podInfo('u1', 2000), containerInfo('c1', 0, 2000), cpu(9, 2000)];
    const second = [containerInfo('c2', 1, 4000), cpu(3, 4000)];
    expect(brokenBy(withoutEnds, madeCycles(first, second, [cpu(4, 6000)]))).toEqual({});
    expect(brokenBy(withoutEnds, madeCycles(first, second, [cpu(2, 6000)]))).toEqual(broken);
  });

  test('lets it begin anew in the cycle after the one that tells of it, and no later', () => {
    const first = [podInfo('u1', 2000), containerInfo('c1', 0, 2000), cpu(9, 2000)];
    const second = [containerInfo('c2', 1, 4000), cpu(10, 4000)];
    expect(brokenBy(withoutEnds, madeCycles(first, second, [cpu(2, 6000)]))).toEqual({});
    const late = madeCycles(first, second, [cpu(11, 6000)], [cpu(12, 8000)], [cpu(2, 10_000)]);
    expect(brokenBy(withoutEnds, late)).toEqual(broken);
  });

  test('lets runs that came and went between two cycles begin anew, each', () => {
    const first = [podInfo('u1', 2000), containerInfo('c1', 0, 2000), cpu(9, 2000)];
    const runs = [cpu(8, 2500), cpu(7, 3000)];
    expect(brokenBy(withoutEnds, madeCycles(first, [...runs, containerInfo('c3', 2, 4000), cpu(7, 4000)]))).toEqual({});
    expect(brokenBy(withoutEnds, madeCycles(first, [...runs, containerInfo('c3', 1, 4000), cpu(7, 4000)]))).toEqual(broken);
  });

  test('lets another pod of the same name begin anew, but not the same pod with other containers', () => {
    const first = [podInfo('u1', 2000), containerInfo('c1', 0, 2000), network(9, 2000)];
    expect(brokenBy(withoutEnds, madeCycles(first, [podInfo('u2', 4000), network(1, 4000)]))).toEqual({});
    expect(brokenBy(withoutEnds, madeCycles(first, [containerInfo('c2', 0, 4000), network(1, 4000)]))).toEqual(broken);
  });

  test('lets the network of a pod begin anew whose sandbox was removed in between, but not where that was a container', () => {
    const infos = [podInfo('u1', 2000), containerInfo('c1', 0, 2000)];
    const cycles = madeCycles([...infos, network(9, 2000)], [network(1, 4000)]);
    expect(brokenBy(countersLaw('2500 u1 s1'), cycles)).toEqual({});
    expect(brokenBy(countersLaw('1500 u1 s1'), cycles)).toEqual(broken);
    expect(brokenBy(countersLaw('4500 u1 s1'), cycles)).toEqual(broken);
    expect(brokenBy(countersLaw('2500 u2 s1'), cycles)).toEqual(broken);
    expect(brokenBy(countersLaw('2500 u1 c1'), cycles)).toEqual(broken);
    expect(brokenBy(countersLaw('2500 u1'), cycles)).toEqual(broken);
    const later = madeCycles([...infos, network(9, 2000)], [network(9, 4000)], [network(1, 6000)], [network(0, 8000)]);
    expect(brokenBy(countersLaw('2500 u1 s1'), later)).toEqual(broken);
    expect(brokenBy(countersLaw('2500 u1 s1', '6500 u1 s2'), later)).toEqual({});
    expect(brokenBy(countersLaw('2500 u1 s1', '2600 u1 s2'), later)).toEqual(broken);
    const again = madeCycles([...infos, network(9, 2000)], [network(1, 4000)], [network(0, 6000)]);
    expect(brokenBy(countersLaw('2500 u1 s1'), again)).toEqual(broken);
  });

  test('counts restarts by the pod, whatever the container is', () => {
    const cycles = madeCycles([podInfo('u1', 2000), containerInfo('c1', 3, 2000)], [containerInfo('c2', 2, 4000)]);
    expect(brokenBy(withoutEnds, cycles)).toEqual(broken);
  });
});
