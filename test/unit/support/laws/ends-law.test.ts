import { describe, expect, test } from 'vitest';
import { createCgroupEnds } from '../../../support/laws/cgroup-ends.ts';
import { createEndsLaw } from '../../../support/laws/ends-law.ts';
import { createPodLives } from '../../../support/laws/pod-lives.ts';
import { brokenBy, containerInfo, madeCycles, main, pod, podInfo } from './made-cycles.ts';

const afterObject = 'no point of a pod after its object';
const afterRemoval = 'no point of a cgroup after its removal';
const usage = (time: number) => `k8s_pod,${pod} memory_usage_bytes=1i ${time}`;
const ofContainer = (time: number) => `k8s_container,${main} memory_usage_bytes=1i ${time}`;

/** What came and went: objects by their UID, cgroups by their name; Unix time in milliseconds. */
interface Told {
  readonly objects: readonly (readonly [type: string, uid: string, at: number])[];
  readonly cgroups?: readonly string[];
}

function broken({ objects, cgroups = [] }: Told, ...cycles: readonly (readonly string[])[]) {
  const [lives, ends] = [createPodLives(), createCgroupEnds()];
  for (const [type, uid, at] of objects) lives.add(type, { metadata: { namespace: 'default', name: 'a', uid } }, at);
  ends.from(cgroups);
  return brokenBy(
    (identities) => createEndsLaw({ identities, lives, ends, periodMs: 2000 }),
    madeCycles(...cycles, [], [], []),
  );
}

describe('no point of a pod after its end', () => {
  test('is broken by a point later than a period after its object went', () => {
    const objects = [
      ['ADDED', 'u1', 1900],
      ['DELETED', 'u1', 2500],
    ] as const;
    expect(broken({ objects }, [podInfo('u1', 2000), usage(2000)], [usage(4000)])).toEqual({});
    expect(broken({ objects }, [podInfo('u1', 2000), usage(2000)], [usage(4000)], [usage(6000)])).toEqual({ [afterObject]: 1 });
  });

  test('is broken by a pod that never was', () => {
    expect(broken({ objects: [] }, [usage(2000)])).toEqual({ [afterObject]: 1 });
  });

  test('is broken by the info of a pod whose name another one has by now', () => {
    const objects = [
      ['ADDED', 'u1', 1900],
      ['DELETED', 'u1', 2500],
      ['ADDED', 'u2', 2600],
    ] as const;
    expect(broken({ objects }, [podInfo('u1', 2000)], [podInfo('u2', 4000)], [podInfo('u1', 6000)])).toEqual({
      'no info of another pod than the one that is': 1,
    });
  });

  test("is broken by a point later than the removal of the pod's cgroup, or the container's", () => {
    const objects = [['ADDED', 'u1', 1900]] as const;
    const first = [podInfo('u1', 2000), containerInfo('c1', 0, 2000)];
    const cgroups = ['ready', '3999 c1', '4002 u1'];
    expect(broken({ objects, cgroups }, first, [usage(4000)])).toEqual({});
    expect(broken({ objects, cgroups }, first, [usage(4004)])).toEqual({ [afterRemoval]: 1 });
    expect(broken({ objects, cgroups }, first, [ofContainer(4000)])).toEqual({});
    expect(broken({ objects, cgroups }, first, [ofContainer(4001)])).toEqual({ [afterRemoval]: 1 });
    // The object is there still, and so is what the API server says of it.
    expect(broken({ objects, cgroups }, first, [], [podInfo('u1', 6000)])).toEqual({});
  });

  test('takes a point of the cycle in which one run followed another for one of either', () => {
    const objects = [['ADDED', 'u1', 1900]] as const;
    const first = [podInfo('u1', 2000), containerInfo('c1', 0, 2000), ofContainer(2000)];
    const second = [ofContainer(3500), containerInfo('c2', 1, 4000), ofContainer(4000)];
    expect(broken({ objects, cgroups: ['3000 c1'] }, first, second)).toEqual({});
    expect(broken({ objects, cgroups: ['3000 c1', '3600 c2'] }, first, second)).toEqual({ [afterRemoval]: 1 });
  });
});
