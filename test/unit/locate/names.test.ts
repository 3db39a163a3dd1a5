import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { containerIdOf, isIgnored, isPodsRoot, isQosParent, podUidOf, qosOf, strayOf } from '../../../src/locate/names.ts';

const id = 'a1b2c3d4'.repeat(8);
const uid = '1f9b6c6e-0d6e-4b70-9a56-3c1c1d2e3f40';
const escaped = '1f9b6c6e_0d6e_4b70_9a56_3c1c1d2e3f40';
const configHash = '0123456789abcdef0123456789abcdef';

describe('the root of a kubelet', () => {
  test.each(['kubepods', 'kubepods.slice', 'kubelet-kubepods.slice', 'a-b-kubepods.slice'])('is %s', (name) => {
    expect(isPodsRoot(name)).toBe(true);
  });

  test.each(['kubelet', 'kubelet.slice', 'kubepods.scope', 'notkubepods', 'notkubepods.slice', 'kubepods-burstable.slice', ''])(
    'is not "%s"',
    (name) => {
      expect(isPodsRoot(name)).toBe(false);
    },
  );
});

describe('the parent of a QoS class', () => {
  test.each(['burstable', 'besteffort', 'kubepods-burstable.slice', 'kubelet-kubepods-besteffort.slice'])('is %s', (name) => {
    expect(isQosParent(name)).toBe(true);
  });

  test.each([`pod${uid}`, 'guaranteed', 'kubepods.slice', `kubepods-burstable-pod${escaped}.slice`])('is not %s', (name) => {
    expect(isQosParent(name)).toBe(false);
  });
});

describe('the UID of a pod', () => {
  test.each([
    ['cgroupfs', `pod${uid}`, uid],
    ['systemd, Guaranteed', `kubepods-pod${escaped}.slice`, uid],
    ['systemd, Burstable', `kubepods-burstable-pod${escaped}.slice`, uid],
    ['systemd with a prefix on every slice (kind)', `kubelet-kubepods-besteffort-pod${escaped}.slice`, uid],
    ['a static pod, cgroupfs', `pod${configHash}`, configHash],
    ['a static pod, systemd', `kubepods-burstable-pod${configHash}.slice`, configHash],
    ['any string of a static manifest, cgroupfs', 'podmy_etcd-pod.0', 'my_etcd-pod.0'],
    ['any string of a static manifest, systemd', 'kubepods-podmy_etcd_pod.0.slice', 'my-etcd-pod.0'],
    ['a UID that begins with pod, systemd', 'kubepods-podpod_1.slice', 'pod-1'],
  ])('%s', (_case, name, expected) => {
    expect(podUidOf(name)).toBe(expected);
  });

  test.each(['pod', 'kubepods-pod.slice', 'burstable', 'kubepods-burstable.slice', 'kubepods', 'system.slice', 'apod1', ''])(
    'is not in "%s"',
    (name) => {
      expect(podUidOf(name)).toBeUndefined();
    },
  );

  test('comes back from every name the kubelet makes of it, but for the `_` that systemd takes', () => {
    const parts = fc.string({ minLength: 1 }).filter((text) => !text.includes('/') && !text.endsWith('.slice'));
    fc.assert(
      fc.property(parts, (any) => {
        expect(podUidOf(`pod${any}`)).toBe(any);
        expect(podUidOf(`kubepods-burstable-pod${any.replaceAll('-', '_')}.slice`)).toBe(any.replaceAll('_', '-'));
      }),
    );
  });
});

describe('the id of a container', () => {
  test.each([
    ['CRI-O, systemd', `crio-${id}.scope`],
    ['CRI-O, cgroupfs, and its sandbox without a process below systemd', `crio-${id}`],
    ['containerd, systemd', `cri-containerd-${id}.scope`],
    ['containerd and docker, cgroupfs', id],
    ['containerd against a kubelet with systemd', `kubepods-burstable-pod${escaped}.slice:cri-containerd:${id}`],
    ['docker, systemd', `docker-${id}.scope`],
    ['podman', `libpod-${id}.scope`],
    ['pouch', `pouch-${id}.scope`],
    ['Kata', `kata_${id}`],
  ])('%s', (_case, name) => {
    expect(containerIdOf(name)).toBe(id);
  });

  test.each([
    ["CRI-O's monitor, systemd", `crio-conmon-${id}.scope`],
    ["CRI-O's monitor, cgroupfs", `crio-conmon-${id}`],
    ["podman's monitor", `libpod-conmon-${id}.scope`],
    ['the cgroup of a mount', `var-lib-containers-storage-overlay\\x2dcontainers-${id}-userdata-shm.mount`],
    ['a mount named like a container', `crio-${id}.mount`],
    ["crun's child", 'container'],
    ["CRI-O's exec", 'exec'],
    ['systemd in a container', 'init.scope'],
    ['too few digits', `cri-containerd-${id.slice(1)}.scope`],
    ['too many digits', `${id}0`],
    ['upper case', id.toUpperCase()],
    ['another unit', `cri-containerd-${id}.service`],
    ['a line break after it', `${id}\n`],
    ['nothing', ''],
  ])('is not in the name of %s', (_case, name) => {
    expect(containerIdOf(name)).toBeUndefined();
  });
});

test.each([
  [`crio-conmon-${id}.scope`, true],
  [`crio-${id}.mount`, true],
  ['dev-hugepages.mount', true],
  [`crio-${id}.scope`, false],
  ['container', false],
])('whether %s is left out: %s', (name, expected) => {
  expect(isIgnored(name)).toBe(expected);
});

test('a stray tells its pod, and where the slice of that pod is', () => {
  expect(strayOf(`kubelet-kubepods-besteffort-pod${escaped}.slice:cri-containerd:${id}`)).toEqual({
    id,
    uid,
    podPath: `/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-besteffort.slice/kubelet-kubepods-besteffort-pod${escaped}.slice`,
  });
  expect(strayOf(`system.slice:docker:${id}`)).toBeUndefined();
  expect(strayOf(`kubepods-pod${escaped}.slice`)).toBeUndefined();
});

describe('the QoS class', () => {
  test.each([
    [`/kubepods/pod${uid}`, 'Guaranteed'],
    [`/kubepods/burstable/pod${uid}`, 'Burstable'],
    [`/kubepods/besteffort/pod${uid}`, 'BestEffort'],
    [`/kubepods.slice/kubepods-pod${escaped}.slice`, 'Guaranteed'],
    [`/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${escaped}.slice`, 'Burstable'],
    [`/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-pod${escaped}.slice`, 'Guaranteed'],
    ['/x.slice/x-kubepods.slice/x-kubepods-besteffort.slice/x-kubepods-besteffort-pod1.slice', 'BestEffort'],
    ['/docker/outer/kubelet/kubepods/burstable/pod1', 'Burstable'],
    ['/somewhere/pod1', 'unknown'],
    ['/', 'unknown'],
  ])('of %s is %s', (path, expected) => {
    expect(qosOf(path)).toBe(expected);
  });
});
