import { expect, test, vi } from 'vitest';
import { detectHierarchy } from '../../../src/locate/hierarchy.ts';
import { createSliceList } from '../../../src/locate/slices.ts';
import { cgroupSource, kubernetesSource } from '../../../src/locate/source.ts';
import type { Found } from '../../../src/locate/source.ts';
import type { Pod } from '../../../src/model.ts';
import { createProblems } from '../../../src/problems.ts';
import type { PodWatch } from '../../../src/watch/pods.ts';
import { hostTree } from '../../support/host-tree.ts';
import type { HostTree } from '../../support/host-tree.ts';
import { cgroups, treeOf, v2 } from './tree-of.ts';

const one = '00000000-0000-4000-8000-000000000001';
const two = '00000000-0000-4000-8000-000000000002';

function podOf(uid: string): Pod {
  return {
    uid,
    cgroupUid: uid,
    namespace: 'shop',
    name: `web-${uid.at(-1)}`,
    workloadKind: 'none',
    workload: 'none',
    qos: 'Guaranteed',
    hostNetwork: false,
    containers: [],
  };
}

/** What the API server told so far, which the test sets. */
function watchOf(...uids: readonly string[]) {
  const state = { ready: false, version: 1, pods: new Map(uids.map((uid) => [uid, podOf(uid)])) };
  const watch: PodWatch = {
    snapshot: () => state.pods,
    leftOut: () => new Set(),
    get ready() {
      return state.ready;
    },
    get version() {
      return state.version;
    },
    stats: { lists: 0, starts: 0, lastHeardAt: 0, filtered: 0 },
    run: () => Promise.resolve(),
  };
  return { state, watch };
}

function slicesOf(host: HostTree) {
  const ignore = (): void => {};
  const problems = createProblems({ debug: ignore, info: ignore, warn: ignore, error: ignore });
  return createSliceList({ hierarchy: detectHierarchy(host.cgroupRoot), limit: 10, problems, now: () => 0 });
}

function namesOf({ targets, slices }: Found) {
  return { pods: targets.map(({ pod }) => pod.name), slices: slices.map(({ name }) => name) };
}

test('pods that the API server told of are found with their cgroups, once it told of any', async () => {
  await using host = await hostTree({ ...v2, ...cgroups('/kubepods', `/pod${one}`, `/pod${two}`) });
  const { tree } = treeOf(host);
  using _tree = tree;
  const { state, watch } = watchOf(one, 'elsewhere');
  const source = kubernetesSource(watch, tree);
  expect(source.ready).toBe(false);
  state.ready = true;
  expect(source.ready).toBe(true);
  expect(namesOf(source.look())).toEqual({ pods: ['web-1'], slices: [] });
});

test('what was found is the same object until the pods, the cgroups or the slices change', async () => {
  await using host = await hostTree({ ...v2, ...cgroups('/kubepods', `/pod${one}`) });
  const { tree } = treeOf(host);
  using _tree = tree;
  using slices = slicesOf(host);
  const { state, watch } = watchOf(one, two);
  const source = kubernetesSource(watch, tree, slices);
  const looks = [source.look()];
  /** The kernel tells of a change a moment after it. */
  const expectChange = async (): Promise<void> => {
    await vi.waitFor(() => expect(source.look()).not.toBe(looks.at(-1)), 30_000);
    const found = source.look();
    expect(source.look()).toBe(found);
    looks.push(found);
  };
  expect(source.look()).toBe(looks[0]);
  await host.add(cgroups('/kubepods', `/pod${two}`));
  await expectChange();
  await host.add(cgroups('', '/system.slice'));
  await expectChange();
  state.pods = new Map([[two, podOf(two)]]);
  state.version += 1;
  await expectChange();
  expect(looks.map(namesOf)).toEqual([
    { pods: ['web-1'], slices: ['/'] },
    { pods: ['web-1', 'web-2'], slices: ['/'] },
    { pods: ['web-1', 'web-2'], slices: ['/', 'system.slice'] },
    { pods: ['web-2'], slices: ['/', 'system.slice'] },
  ]);
});

test('before the list a pod of the last run has its name and all others a stand-in, and from it on what is listed is all', async () => {
  await using host = await hostTree({ ...v2, ...cgroups('/kubepods', `/pod${one}`, `/pod${two}`) });
  const { tree } = treeOf(host);
  using _tree = tree;
  const { state, watch } = watchOf(one, 'elsewhere');
  const source = kubernetesSource(watch, tree, undefined, () => false);
  const before = source.look();
  expect(before.targets.map(({ pod }) => [pod.name, pod.unnamed])).toEqual([
    ['web-1', undefined],
    [two, true],
  ]);
  expect(source.look()).toBe(before);
  state.ready = true;
  state.pods = new Map([[two, podOf(two)]]);
  expect(namesOf(source.look()).pods).toEqual(['web-2']);
});

test('without the API the tree says what there is: pods by their UID, and slices where those are wanted', async () => {
  await using host = await hostTree({ ...v2, ...cgroups('/kubepods', `/pod${one}`), ...cgroups('', '/system.slice') });
  const { tree } = treeOf(host);
  using _tree = tree;
  using slices = slicesOf(host);
  const without = cgroupSource(tree);
  const source = cgroupSource(tree, slices);
  expect([without.ready, source.ready]).toEqual([true, true]);
  expect(namesOf(without.look())).toEqual({ pods: [one], slices: [] });
  const found = source.look();
  expect(namesOf(found)).toEqual({ pods: [one], slices: ['/', 'system.slice'] });
  expect(source.look()).toBe(found);
  await host.add(cgroups('/kubepods', `/pod${two}`));
  await vi.waitFor(() => expect(namesOf(source.look()).pods.toSorted()).toEqual([one, two]), 30_000);
});
