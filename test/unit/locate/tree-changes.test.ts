import { mkdir, rename, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { hostTree } from '../../support/host-tree.ts';
import { cgroups, treeOf, v2 } from './tree-of.ts';

const app = 'a'.repeat(64);
const next = 'b'.repeat(64);
const uid = '1f9b6c6e-0d6e-4b70-9a56-3c1c1d2e3f40';
const escaped = '1f9b6c6e_0d6e_4b70_9a56_3c1c1d2e3f40';

describe('sees by inotify, without looking at the clock', () => {
  const pod = `/kubepods/pod${uid}`;

  test('pods and containers that come and go, and counts a version only when the index changed', async () => {
    await using host = await hostTree({ ...v2, ...cgroups('', `${pod}/${app}`, '/kubepods/besteffort') });
    using tree = treeOf(host).tree;
    expect(tree.version).toBe(1);
    tree.refresh();
    expect(tree.version).toBe(1);
    const leaves = async (expected: Record<string, string[]>): Promise<void> => {
      await vi.waitFor(
        () => {
          tree.refresh();
          expect(Object.fromEntries(Array.from(tree.pods().values(), (each) => [each.uid, [...each.leaves.keys()]]))).toEqual(
            expected,
          );
        },
        { timeout: 30_000, interval: 2 },
      );
    };

    await host.add(cgroups('', `${pod}/${next}`));
    await leaves({ [uid]: [app, next] });
    expect(tree.version).toBe(2);
    await host.remove(`sys/fs/cgroup${pod}/${app}`);
    await leaves({ [uid]: [next] });
    expect(tree.version).toBe(3);
    await host.add(cgroups('', `/kubepods/besteffort/podnew/${app}`, '/kubepods/unrelated'));
    await leaves({ [uid]: [next], new: [app] });
    await host.remove('sys/fs/cgroup/kubepods/besteffort/podnew');
    await leaves({ [uid]: [next] });

    const before = tree.version;
    await host.add(cgroups('', '/kubepods/unrelated-2', '/kubepods/burstable', '/unrelated'));
    await host.add(cgroups('', `/kubepods/burstable/podlast`));
    await leaves({ [uid]: [next], last: [] });
    expect(tree.version).toBe(before + 1);
  });

  test('a pod that was removed and made again under its old name before anyone looked', async () => {
    await using host = await hostTree({ ...v2, ...cgroups('', `${pod}/${app}`) });
    using tree = treeOf(host).tree;
    await host.remove(`sys/fs/cgroup${pod}`);
    await host.add(cgroups('', pod));
    await vi.waitFor(
      () => {
        tree.refresh();
        expect(tree.find(uid)?.leaves.size).toBe(0);
      },
      { timeout: 30_000, interval: 2 },
    );
    await host.add(cgroups('', `${pod}/${next}`));
    await vi.waitFor(
      () => {
        tree.refresh();
        expect(tree.find(uid)?.leaves.has(next)).toBe(true);
      },
      { timeout: 30_000, interval: 2 },
    );
  });

  test.each([
    ['in the root', pod],
    ['one level down', `/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod${escaped}.slice`],
  ])("the pods' root, when the kubelet starts later, %s", async (_where, late) => {
    await using host = await hostTree({ ...v2, ...cgroups('', '/system.slice/ssh.service') });
    using tree = treeOf(host).tree;
    expect(tree.version).toBe(0);
    for (const each of [1, 2]) {
      await host.add(cgroups('', `${late}/${app}`));
      await vi.waitFor(
        () => {
          tree.refresh();
          expect(tree.find(uid)?.leaves.size).toBe(1);
        },
        { timeout: 30_000, interval: 2 },
      );
      await host.remove(`sys/fs/cgroup/${late.split('/')[1]}`);
      await vi.waitFor(
        () => {
          tree.refresh();
          expect(tree.pods().size).toBe(0);
        },
        { timeout: 30_000, interval: 2 },
      );
      expect(tree.version).toBeGreaterThanOrEqual(2 * each);
    }
  });
});

test('what inotify did not tell is found every 60 s, and every 10 s before there is a root', async () => {
  await using host = await hostTree({ ...v2, ...cgroups('', '/a/b/c') });
  const { tree, clock } = treeOf(host);
  using _closed = tree;
  await host.add(cgroups('', `/a/b/c/kubepods/pod${uid}`));
  clock.time = 9_999;
  tree.refresh();
  expect(tree.pods().size).toBe(0);
  clock.time = 10_000;
  tree.refresh();
  expect([...tree.pods().keys()]).toEqual([uid]);
  await host.add(cgroups('', '/a/b/d/kubepods/podother'));
  clock.time = 69_999;
  tree.refresh();
  expect([...tree.pods().keys()]).toEqual([uid]);
  clock.time = 70_000;
  tree.refresh();
  expect([...tree.pods().keys()]).toEqual([uid, 'other']);
});

test('a full scan ends the watch of a directory that was exchanged without a word', async () => {
  const pod = `/kubepods/pod${uid}`;
  await using host = await hostTree({ ...v2, ...cgroups('', pod, '/spare') });
  const { tree, clock } = treeOf(host);
  using _closed = tree;
  const path = join(host.cgroupRoot, pod);
  await rename(path, join(host.cgroupRoot, 'old'));
  await rename(join(host.cgroupRoot, 'spare'), path);
  clock.time = 60_000;
  tree.refresh();
  await mkdir(join(path, app));
  await vi.waitFor(
    () => {
      tree.refresh();
      expect(tree.find(uid)?.leaves.has(app)).toBe(true);
    },
    { timeout: 30_000, interval: 2 },
  );
});

test('after it was closed it finds nothing new and holds no watch', async () => {
  await using host = await hostTree({ ...v2, ...cgroups('', '/kubepods/poda') });
  const { tree } = treeOf(host);
  tree.close();
  await rmdir(join(host.cgroupRoot, 'kubepods/poda'));
  tree.refresh();
  expect([...tree.pods().keys()]).toEqual(['a']);
});
