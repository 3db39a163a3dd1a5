import { describe, expect, test } from 'vitest';
import { createCgroupEnds } from '../../../support/laws/cgroup-ends.ts';
import { createEndsLaw } from '../../../support/laws/ends-law.ts';
import type { Marks } from '../../../support/laws/marks.ts';
import { createPodLives } from '../../../support/laws/pod-lives.ts';
import { brokenBy, containerInfo, madeCycles, main, pod, podInfo } from './made-cycles.ts';

const afterObject = 'no point of a pod after its object';
const afterRemoval = 'no point of a cgroup after its removal';
const usage = (time: number) => `k8s_pod,${pod} memory_usage_bytes=1i ${time}`;
const ofContainer = (time: number) => `k8s_container,${main} memory_usage_bytes=1i ${time}`;

/** What came and went: objects by their UID and the resource version, cgroups by their name and Unix time in milliseconds. */
interface Told {
  readonly objects: readonly (readonly [type: string, uid: string, version: number])[];
  readonly cgroups?: readonly string[];
  readonly marks?: Marks;
}

/** As if the tests' own watch had told of everything. */
const allSeen: Marks = { begun: 0, seen: 1 };

function broken({ objects, cgroups = [], marks = allSeen }: Told, ...cycles: readonly (readonly string[])[]) {
  const [lives, ends] = [createPodLives(), createCgroupEnds()];
  lives.add('ADDED', { metadata: { namespace: 'default', name: 'marked', uid: 'm', resourceVersion: '1' } }, 0);
  for (const [type, uid, version] of objects)
    lives.add(type, { metadata: { namespace: 'default', name: 'a', uid, resourceVersion: String(version) } }, 0);
  ends.from(cgroups);
  return brokenBy((identities) => createEndsLaw({ identities, lives, marks, ends }), madeCycles(...cycles, [], [], []));
}

/** The agent's word that it has heard of all up to a version. */
function heard(version: number, time: number): string {
  return `k8s_pod_info,namespace=default,node=n,pod=marked uid="m",annotation_mark="7 ${version}" ${time}`;
}

describe('no point of a pod after its end', () => {
  const objects = [
    ['ADDED', 'u1', 10],
    ['DELETED', 'u1', 20],
  ] as const;
  const first = [podInfo('u1', 2000), usage(2000)];

  test('is broken by a point in a cycle after the one that told of something as late as the end of its object', () => {
    expect(broken({ objects }, first, [usage(4000)], [usage(6000)])).toEqual({});
    expect(broken({ objects }, [...first, heard(19, 2000)], [usage(4000)], [usage(6000)])).toEqual({});
    expect(broken({ objects }, [...first, heard(20, 2000)], [], [usage(6000)])).toEqual({ [afterObject]: 1 });
    expect(broken({ objects }, first, [usage(4000), heard(20, 4000)])).toEqual({});
    expect(broken({ objects }, first, [usage(4000), heard(25, 4000)], [usage(6000)])).toEqual({ [afterObject]: 1 });
  });

  test('is not broken by what was told after a cycle that told of the end, and may have looked before it', () => {
    const second = [...first, heard(20, 2000)];
    expect(broken({ objects }, second, [usage(3000)])).toEqual({});
    expect(broken({ objects }, second, [usage(3100)])).toEqual({ [afterObject]: 1 });
    expect(broken({ objects }, second, [usage(1900)])).toEqual({ [afterObject]: 1 });
    expect(broken({ objects }, second, [], [usage(5900)])).toEqual({ [afterObject]: 1 });
  });

  test('is not broken by what came after the end under the same name', () => {
    expect(broken({ objects: [...objects, ['ADDED', 'u2', 21]] }, [...first, heard(30, 2000)], [usage(4000)])).toEqual({});
  });

  test('is broken by a pod that never was', () => {
    expect(broken({ objects: [] }, [usage(2000)])).toEqual({ [afterObject]: 1 });
  });

  test('is not judged before the own watch has told of what happened after the cycle', () => {
    expect(broken({ objects: [], marks: { begun: 3, seen: 3 } }, [usage(2000)])).toEqual({});
    expect(broken({ objects: [], marks: { begun: 3, seen: 4 } }, [usage(2000)])).toEqual({ [afterObject]: 1 });
  });

  test('is broken by the info of a pod whose name another one has by now', () => {
    const told = { objects: [...objects, ['ADDED', 'u2', 21]] } as const;
    expect(broken(told, [podInfo('u1', 2000)], [podInfo('u2', 4000)], [podInfo('u1', 6000)])).toEqual({});
    expect(broken(told, [podInfo('u1', 2000)], [podInfo('u2', 4000), heard(22, 4000)], [podInfo('u1', 6000)])).toEqual({
      'no info of another pod than the one that is': 1,
    });
  });

  test("is broken by a point later than the removal of the pod's cgroup, or the container's", () => {
    const there = [['ADDED', 'u1', 10]] as const;
    const begin = [podInfo('u1', 2000), containerInfo('c1', 0, 2000)];
    const cgroups = ['ready', '3999 c1', '4002 u1'];
    expect(broken({ objects: there, cgroups }, begin, [usage(4000)])).toEqual({});
    expect(broken({ objects: there, cgroups }, begin, [usage(4004)])).toEqual({ [afterRemoval]: 1 });
    expect(broken({ objects: there, cgroups }, begin, [ofContainer(4000)])).toEqual({});
    expect(broken({ objects: there, cgroups }, begin, [ofContainer(4001)])).toEqual({ [afterRemoval]: 1 });
    // The object is there still, and so is what the API server says of it.
    expect(broken({ objects: there, cgroups }, begin, [], [podInfo('u1', 6000)])).toEqual({});
  });

  test('takes a point of the cycle in which one run followed another for one of either', () => {
    const there = [['ADDED', 'u1', 10]] as const;
    const begin = [podInfo('u1', 2000), containerInfo('c1', 0, 2000), ofContainer(2000)];
    const second = [ofContainer(3500), containerInfo('c2', 1, 4000), ofContainer(4000)];
    expect(broken({ objects: there, cgroups: ['3000 c1'] }, begin, second)).toEqual({});
    expect(broken({ objects: there, cgroups: ['3000 c1', '3600 c2'] }, begin, second)).toEqual({ [afterRemoval]: 1 });
  });
});
