import { describe, expect, test } from 'vitest';
import type { CgroupTree } from '../../../src/locate/tree.ts';
import { hostTree } from '../../support/host-tree.ts';
import type { HostEntries } from '../../support/host-tree.ts';
import { cgroups, treeOf, v2 } from './tree-of.ts';

const sandbox = '0'.repeat(64);
const app = 'a'.repeat(64);
const next = 'b'.repeat(64);
const uid = '1f9b6c6e-0d6e-4b70-9a56-3c1c1d2e3f40';
const escaped = '1f9b6c6e_0d6e_4b70_9a56_3c1c1d2e3f40';
const configHash = '0123456789abcdef0123456789abcdef';

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

  test.each(['/user.slice/user-1000.slice/user@1000.service', '/user.slice/a.slice'])(
    'a pod that a user imitates in %s: nothing of the imitation is taken, whichever was there first',
    async (own) => {
      const pod = `/kubepods/burstable/pod${uid}`;
      const forged = `${own}/kubepods/pod${uid}`;
      const stray = `${own}/kubepods-pod${escaped}.slice:cri-containerd:${next}`;
      const real = { [uid]: { path: pod, qos: 'Burstable', detached: false, leaves: { [app]: `${pod}/${app}` } } };
      await using host = await hostTree({ ...v2, ...cgroups('', `${forged}/${app}`, `${forged}/${next}`, stray) });
      using both = treeOf(host).tree;
      await host.add(cgroups('', `${pod}/${app}`));
      using fresh = treeOf(host).tree;
      await expect.poll(() => (both.refresh(), contentOf(both))).toEqual(real);
      expect(contentOf(fresh)).toEqual(real);
      await host.remove(`sys/fs/cgroup${pod}/${app}`);
      const empty = { [uid]: { path: pod, qos: 'Burstable', detached: false, leaves: {} } };
      await expect.poll(() => (both.refresh(), contentOf(both))).toEqual(empty);
    },
  );

  test('a container in two pods of one UID: the one that lies higher is the real one', async () => {
    const pod = `/kubepods/pod${uid}`;
    const entries = cgroups('', `/a/b/kubepods/pod${uid}/${app}`, `${pod}/${app}`);
    expect(await found({ ...v2, ...entries })).toMatchObject({ [uid]: { path: pod, leaves: { [app]: `${pod}/${app}` } } });
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
