import fc from 'fast-check';
import { expect, test } from 'vitest';
import { startTargets } from '../../../src/locate/start-targets.ts';
import type { Target } from '../../../src/locate/targets.ts';
import type { PodCgroup } from '../../../src/locate/tree.ts';
import type { Container, Pod } from '../../../src/model.ts';

function pod(uid: string, containers: readonly Container[] = [], more: Partial<Pod> = {}): Pod {
  return {
    uid,
    cgroupUid: uid,
    namespace: 'shop',
    name: `name-of-${uid}`,
    workloadKind: 'Pod',
    workload: `name-of-${uid}`,
    qos: 'Burstable',
    hostNetwork: false,
    containers,
    ...more,
  };
}

function cgroup(uid: string, ...ids: readonly string[]): PodCgroup {
  const path = `/kubepods/pod${uid}`;
  return { uid, path, qos: 'Burstable', detached: false, leaves: new Map(ids.map((id) => [id, `${path}/${id}`])) };
}

interface Before {
  readonly pods?: readonly Pod[];
  readonly leftOut?: readonly string[];
}

/** A sandbox is what is called so. */
function targetsOf({ pods = [], leftOut = [] }: Before, cgroups: readonly PodCgroup[]): readonly Target[] {
  const index = new Map(cgroups.map((each) => [each.uid, each]));
  return startTargets(
    { pods: new Map(pods.map((each) => [each.uid, each])), leftOut: new Set(leftOut) },
    { pods: () => index, find: (uid) => index.get(uid) },
    (path) => path.endsWith('/pause'),
  );
}

/** What each target would be written as: a stand-in as `? <uid>`. */
function shown(targets: readonly Target[]): readonly string[] {
  return targets.map(({ pod: { name, cgroupUid, unnamed }, containers, detached }) =>
    [
      unnamed === true ? `? ${cgroupUid}` : name,
      ...containers.map(({ container }) => container.name),
      ...(detached ? ['-'] : []),
    ].join(' '),
  );
}

const running = (name: string, id: string): Container => ({ name, id, state: 'running' });

test('pods that were known have their names, all others a stand-in; neither is there without a cgroup', () => {
  const known = pod('u1', [running('app', 'aa')]);
  expect(shown(targetsOf({ pods: [known, pod('gone')] }, [cgroup('u1', 'aa', 'pause'), cgroup('u2', 'bb', 'pause')]))).toEqual([
    'name-of-u1 app',
    '? u2 bb',
  ]);
});

test('a container that came since has a stand-in beside its pod, which is read once', () => {
  const known = pod('u1', [running('app', 'aa'), { name: 'done', id: 'cc', state: 'terminated' }]);
  const targets = targetsOf({ pods: [known] }, [cgroup('u1', 'pause', 'aa', 'bb', 'cc')]);
  expect(shown(targets)).toEqual(['name-of-u1 app', '? u1 bb -']);
  expect(targets[0]?.others).toEqual(['/kubepods/podu1/pause', '/kubepods/podu1/bb']);
  expect(targets[1]).toMatchObject({ pod: { hostNetwork: true }, others: [] });
});

test('pods that are left out are not read at all', () => {
  expect(targetsOf({ leftOut: ['u1'] }, [cgroup('u1', 'aa')])).toEqual([]);
});

test('a static pod has its name where one of its containers is there, since another may have its UID', () => {
  const known = pod('mirror', [running('etcd', 'aa')], { cgroupUid: 'hash' });
  expect(shown(targetsOf({ pods: [known] }, [cgroup('hash', 'aa')]))).toEqual(['name-of-mirror etcd']);
  expect(shown(targetsOf({ pods: [known] }, [cgroup('hash', 'bb')]))).toEqual(['? hash bb']);
});

test('whatever was known, no cgroup is read twice and none under a name that is not its own', () => {
  const word = fc.constantFrom('a', 'b', 'c', 'd', 'e');
  const anyPod = fc.record({ uid: word, cgroupUid: word, ids: fc.uniqueArray(word) });
  const anyCgroup = fc.record({ uid: word, ids: fc.uniqueArray(word) });
  fc.assert(
    fc.property(
      fc.uniqueArray(anyPod, { selector: ({ uid }) => uid }),
      fc.uniqueArray(anyCgroup, { selector: ({ uid }) => uid }),
      (before, there) => {
        const ids = (given: readonly string[]) => given.map((id) => `id-${id}`);
        const pods = before.map(({ uid, cgroupUid, ids: own }) =>
          pod(
            uid,
            ids(own).map((id) => running(`name-of-${id}`, id)),
            { cgroupUid },
          ),
        );
        const cgroups = there.map((each) => cgroup(each.uid, ...ids(each.ids)));
        const targets = targetsOf({ pods }, cgroups);
        const read = targets.flatMap(({ path, containers, detached }) => [
          ...(detached ? [] : [path]),
          ...containers.map((each) => each.path),
        ]);
        expect(new Set(read).size).toBe(read.length);
        for (const { pod: own, path, containers } of targets) {
          if (own.unnamed === true) continue;
          const uid = path.slice('/kubepods/pod'.length);
          const leaves = cgroups.find((each) => each.uid === uid)?.leaves;
          const isThere = own.containers.some(({ id }) => id !== undefined && leaves?.has(id) === true);
          expect(own.uid === uid || isThere).toBe(true);
          for (const { container, path: leaf } of containers) {
            expect([leaf, container.name]).toEqual([`${path}/${container.id}`, `name-of-${container.id}`]);
          }
        }
      },
    ),
  );
});
