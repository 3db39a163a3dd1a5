import { describe, expect, test } from 'vitest';
import { createTimesLaw } from '../../../support/laws/times-law.ts';
import { beating, brokenBy, madeCycles, pod } from './made-cycles.ts';

const point = (time: number) => `k8s_pod,${pod} pids=1i ${time}`;
const other = (time: number) => `k8s_node,node=n forks=1i ${time}`;
const broken = (...cycles: readonly (readonly string[])[]) => brokenBy(createTimesLaw, madeCycles(...cycles));

/** As if one point had been held at each beat. */
function brokenAfterHeld(...cycles: readonly (readonly string[])[]) {
  const held = madeCycles(...cycles).map((cycle) => beating(cycle, { points_held: 1n }));
  return brokenBy(createTimesLaw, held);
}

describe('the times of points', () => {
  test('are that of their cycle, or that of what happened since the one before', () => {
    expect(broken([point(2000), other(2000)], [point(3500), point(4000), other(4000)])).toEqual({});
    expect(broken([point(2001)])).toEqual({ 'one time a cycle': 1 });
    expect(broken([point(2000)], [point(1999)])).toEqual({ 'one time a cycle': 1, 'a series goes forward': 1 });
  });

  test('are those of when they were read where their pod had no name, for up to two minutes, and only of its first ones', () => {
    const [beat, first] = [[other(2000)], [point(1500), point(2000), point(4000)]];
    expect(brokenAfterHeld(beat, first)).toEqual({});
    expect(broken(beat, first)).toEqual({ 'one time a cycle': 2 });
    expect(brokenAfterHeld([point(1400)], first)).toEqual({ 'one time a cycle': 2 });
    expect(brokenAfterHeld(beat, [point(2000 - 122_000)])).toEqual({});
    expect(brokenAfterHeld(beat, [point(1999 - 122_000)])).toEqual({ 'one time a cycle': 1 });
    expect(brokenAfterHeld(beat, [other(1500)])).toEqual({ 'one time a cycle': 1, 'a series goes forward': 1 });
  });

  test('are those of the kubelet where that looked', () => {
    expect(broken([other(2000)], [`k8s_pod_fs,${pod},filesystem=ephemeral used_bytes=1i 1000`])).toEqual({});
  });

  test('of one series go forward', () => {
    expect(broken([point(1900), point(1800)])).toEqual({ 'a series goes forward': 1 });
    expect(broken([`k8s_node_fs,node=n used_bytes=1i 1000`], [`k8s_node_fs,node=n used_bytes=2i 1000`])).toEqual({
      'one point a series and time': 1,
    });
  });

  test('are never in the future', () => {
    // They came before 2100.
    expect(broken([`k8s_node_fs,node=n used_bytes=1i 2101`])).toEqual({});
    expect(broken([`k8s_node_fs,node=n used_bytes=1i 2102`])).toEqual({ 'no point of the future': 1 });
  });
});
