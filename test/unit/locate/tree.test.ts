import { mkdir, rename, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { detectHierarchy } from '../../../src/locate/hierarchy.ts';
import { createCgroupTree } from '../../../src/locate/tree.ts';
import type { CgroupTree } from '../../../src/locate/tree.ts';
import { createProblems } from '../../../src/problems.ts';
import { hostTree } from '../../support/host-tree.ts';
import type { HostEntries, HostTree } from '../../support/host-tree.ts';

const sandbox = '0'.repeat(64);
const app = 'a'.repeat(64);
const next = 'b'.repeat(64);
const uid = '1f9b6c6e-0d6e-4b70-9a56-3c1c1d2e3f40';
const escaped = '1f9b6c6e_0d6e_4b70_9a56_3c1c1d2e3f40';
const configHash = '0123456789abcdef0123456789abcdef';

const v2 = { 'sys/fs/cgroup/cgroup.controllers': 'cpu memory pids\n' };

/** Directories of cgroups in the hierarchy that is walked. */
function cgroups(root: string, ...paths: readonly string[]): HostEntries {
  return Object.fromEntries(paths.map((path) => [`sys/fs/cgroup${root}${path}/`, '']));
}

/** A tree whose clock stands still unless moved: what it finds after its first look, it finds by inotify. */
function treeOf(host: HostTree) {
  const logged: string[] = [];
  const log = (_data: object, message: string): void => void logged.push(message);
  const problems = createProblems({ debug: log, info: log, warn: log, error: log });
  const clock = { time: 0 };
  const tree = createCgroupTree({ hierarchy: detectHierarchy(host.cgroupRoot), problems, now: () => clock.time });
  tree.refresh();
  return { tree, clock, problems, logged };
}

function contentOf(tree: CgroupTree): unknown {
  return Object.fromEntries(
    Array.from(tree.pods(), ([key, { uid: podUid, leaves, ...rest }]) => {
      expect(podUid).toBe(key);
      return [key, { ...rest, leaves: Object.fromEntries(leaves) }];
    }),
  );
}

async function found(entries: HostEntries): Promise<unknown> {
  await using host = await hostTree(entries);
  using tree = treeOf(host).tree;
  return contentOf(tree);
}

describe('finds the pods and containers of', () => {
  test('v2, systemd, containerd', async () => {
    const pod = `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${escaped}.slice`;
    const guaranteed = `/kubepods.slice/kubepods-podaa_bb.slice`;
    const entries = {
      ...v2,
      ...cgroups(
        '',
        `${pod}/cri-containerd-${sandbox}.scope`,
        `${pod}/cri-containerd-${app}.scope/init.scope/${next}`,
        guaranteed,
      ),
      ...cgroups('', '/kubepods.slice/kubepods-besteffort.slice', '/system.slice/containerd.service', '/init.scope'),
      [`sys/fs/cgroup${pod}/cgroup.procs`]: '',
    };
    expect(await found(entries)).toEqual({
      [uid]: {
        path: pod,
        qos: 'Burstable',
        detached: false,
        leaves: { [sandbox]: `${pod}/cri-containerd-${sandbox}.scope`, [app]: `${pod}/cri-containerd-${app}.scope` },
      },
      'aa-bb': { path: guaranteed, qos: 'Guaranteed', detached: false, leaves: {} },
    });
  });

  test('v2, systemd, CRI-O with crun: its sandbox without a process, not its monitors, mounts and inner cgroups', async () => {
    const pod = `/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod${escaped}.slice`;
    const entries = {
      ...v2,
      ...cgroups(
        '',
        `${pod}/crio-${sandbox}`,
        `${pod}/crio-${app}.scope/container`,
        `${pod}/crio-${app}.scope/exec`,
        `${pod}/crio-conmon-${app}.scope`,
        `${pod}/crio-conmon-${sandbox}.scope`,
        `${pod}/var-lib-containers-storage-${app}.mount`,
        `${pod}/crio-${app}.mount`,
      ),
    };
    expect(await found(entries)).toEqual({
      [uid]: {
        path: pod,
        qos: 'BestEffort',
        detached: false,
        leaves: { [sandbox]: `${pod}/crio-${sandbox}`, [app]: `${pod}/crio-${app}.scope` },
      },
    });
  });

  test.each([
    ['v1', {}],
    ['hybrid', { 'sys/fs/cgroup/unified/cgroup.controllers': '\n' }],
  ])('%s, cgroupfs, docker and containerd, a static pod', async (_kind, unified) => {
    const pod = `/kubepods/burstable/pod${configHash}`;
    const entries = {
      ...unified,
      ...cgroups('/memory', `${pod}/${sandbox}`, `${pod}/${app}`),
      ...cgroups('/cpu', '/elsewhere/kubepods/podx'),
    };
    expect(await found(entries)).toEqual({
      [configHash]: {
        path: pod,
        qos: 'Burstable',
        detached: false,
        leaves: { [sandbox]: `${pod}/${sandbox}`, [app]: `${pod}/${app}` },
      },
    });
  });

  test.each([
    ['kind, systemd', `/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod${escaped}.slice`],
    ['kind, cgroupfs', `/kubelet/kubepods/pod${uid}`],
    ['k3s', `/k3s/kubepods/pod${uid}`],
    ['a --cgroup-root of two levels', `/a.slice/a-b.slice/a-b-kubepods.slice/a-b-kubepods-pod${escaped}.slice`],
    ['a kubelet that is a service of systemd', `/system.slice/kubelet.service/kubepods/pod${uid}`],
    ['kind seen from outside, cgroupfs', `/docker/${sandbox}/kubelet/kubepods/pod${uid}`],
    [
      'kind seen from outside, systemd',
      `/system.slice/docker-${sandbox}.scope/kubelet.slice/kubelet-kubepods.slice/x-pod${escaped}.slice`,
    ],
    ['rootless k3s', `/user.slice/user-1000.slice/user@1000.service/k3s.service/kubepods/pod${uid}`],
  ])('%s', async (_setup, pod) => {
    expect(await found({ ...v2, ...cgroups('', `${pod}/${app}`) })).toEqual({
      [uid]: { path: pod, qos: 'Guaranteed', detached: false, leaves: { [app]: `${pod}/${app}` } },
    });
  });

  test('a runtime that puts containers below its own service, by the name of the slice', async () => {
    const slice = `kubepods-burstable-pod${escaped}.slice`;
    const service = '/system.slice/containerd.service';
    const leaf = `${service}/${slice}:cri-containerd:${app}`;
    const pod = `/kubepods.slice/kubepods-burstable.slice/${slice}`;
    const expected = { [uid]: { path: pod, qos: 'Burstable', detached: true, leaves: { [app]: leaf } } };
    expect(await found({ ...v2, ...cgroups('', leaf, pod) })).toEqual(expected);
    expect(await found({ ...v2, ...cgroups('', leaf) })).toEqual(expected);
    const top = `/${slice}:cri-containerd:${app}`;
    expect(await found({ ...v2, ...cgroups('', top) })).toEqual({
      [uid]: { path: pod, qos: 'Burstable', detached: true, leaves: { [app]: top } },
    });
  });

  test('two drivers, the first of which left an empty directory behind', async () => {
    const old = `/kubepods/pod${uid}`;
    const pod = `/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod${escaped}.slice`;
    const expected = {
      [uid]: { path: pod, qos: 'BestEffort', detached: false, leaves: { [app]: `${pod}/cri-containerd-${app}.scope` } },
    };
    expect(await found({ ...v2, ...cgroups('', old, `${pod}/cri-containerd-${app}.scope`) })).toEqual(expected);
  });

  test('no symbolic link and no file', async () => {
    const entries = {
      ...v2,
      ...cgroups('/elsewhere', '/podx'),
      'sys/fs/cgroup/kubepods': { link: 'elsewhere' },
      'sys/fs/cgroup/kubepods.slice': '',
    };
    expect(await found(entries)).toEqual({});
  });
});

test('a UID is found in each form a driver leaves it in', async () => {
  await using host = await hostTree({
    ...v2,
    ...cgroups('', '/kubepods/podwith_both-1', '/kubepods.slice/kubepods-pods_t_r.slice'),
  });
  using tree = treeOf(host).tree;
  expect(tree.find('with_both-1')?.path).toBe('/kubepods/podwith_both-1');
  expect(tree.find('s_t-r')?.path).toBe('/kubepods.slice/kubepods-pods_t_r.slice');
  expect(tree.find('s-t-r')?.path).toBe('/kubepods.slice/kubepods-pods_t_r.slice');
  expect(tree.find('str')).toBeUndefined();
});

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
        { timeout: 5000, interval: 2 },
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
      { timeout: 5000, interval: 2 },
    );
    await host.add(cgroups('', `${pod}/${next}`));
    await vi.waitFor(
      () => {
        tree.refresh();
        expect(tree.find(uid)?.leaves.has(next)).toBe(true);
      },
      { timeout: 5000, interval: 2 },
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
        { timeout: 5000, interval: 2 },
      );
      await host.remove(`sys/fs/cgroup/${late.split('/')[1]}`);
      await vi.waitFor(
        () => {
          tree.refresh();
          expect(tree.pods().size).toBe(0);
        },
        { timeout: 5000, interval: 2 },
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
    { timeout: 5000, interval: 2 },
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

test('cgroups beyond the bound are left out and reported once, and the pods are not among them', async () => {
  const crowd = Array.from({ length: 5_100 }, (_value, index) => `/crowd/${index}`);
  await using host = await hostTree({ ...v2, ...cgroups('', ...crowd) });
  const { tree, problems, logged } = treeOf(host);
  using _closed = tree;
  await host.add(cgroups('', `/kubepods/pod${uid}/${app}`));
  await vi.waitFor(
    () => {
      tree.refresh();
      expect([...tree.pods().keys()]).toEqual([uid]);
    },
    { timeout: 5000, interval: 2 },
  );
  expect(problems.counts.denied).toBeGreaterThan(0);
  expect(logged).toHaveLength(1);
  expect(logged[0]).toMatch(/^Too many cgroups below ".*": "\/crowd\/.*" and others are left out$/);
});
