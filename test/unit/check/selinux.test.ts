import { expect, test } from 'vitest';
import { checkSelinux, selinuxKinds } from '../../../src/check/selinux.ts';
import { hostTree } from '../../support/host-tree.ts';
import { createSeen } from './seen.ts';

const seen = createSeen(selinuxKinds);

test.each<[string, string | undefined, string | undefined, string]>([
  ['none', undefined, undefined, 'off: not there'],
  ['AppArmor', undefined, 'cri-containerd.apparmor.d (enforce)\n', 'off: not there'],
  ['an unconfined process of AppArmor', undefined, 'unconfined\n', 'off: not there'],
  ['permissive', '0', 'system_u:system_r:container_t:s0:c1,c2\0', 'off: permissive'],
  ['a container', '1', 'system_u:system_r:container_t:s0:c1,c2\0', 'confined: enforced, this process is container_t'],
  [
    'a container that does not see /sys',
    undefined,
    'u:r:container_t:s0',
    'confined: probably enforced, this process is container_t',
  ],
  ['a container with the rights', '1', 'system_u:system_r:spc_t:s0\0', 'free: enforced, this process is spc_t'],
  ['a label that cannot be read', '1', undefined, 'confined: enforced, this process is of an unknown type'],
])('%s', async (_case, enforce, label, expected) => {
  await using host = await hostTree({
    ...(enforce !== undefined && { 'sys/fs/selinux/enforce': enforce }),
    ...(label !== undefined && { 'proc/self/attr/current': label }),
  });
  expect(seen.told([checkSelinux(host)])).toEqual([expected]);
});

test('each kind was seen', () => {
  expect(seen.unseen()).toEqual([]);
});
