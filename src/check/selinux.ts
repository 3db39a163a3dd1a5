/** Whether SELinux may keep this process from what it reads. */
import { dirname } from 'node:path';
import { finding } from './finding.ts';
import type { Finding, Kinds } from './finding.ts';
import { readText } from './read-text.ts';

export const selinuxKinds = {
  off: { level: 'ok', what: 'SELinux', when: 'it is not there, or permits all' },
  free: { level: 'ok', what: 'SELinux', when: 'it is enforced, and this process has a type that it lets read' },
  confined: {
    level: 'warn',
    what: 'SELinux',
    when: 'it is enforced on this process: reading cgroups and other processes may be denied',
    remedy: 'set seLinuxOptions.type of the pod to spc_t, if findings above say that something cannot be read',
  },
} as const satisfies Kinds;

/** Types that may read what other containers have: of containers of the host's own, of a login, of what init starts. */
const freeTypes: ReadonlySet<string> = new Set(['spc_t', 'unconfined_t', 'unconfined_service_t', 'init_t', 'kernel_t']);

/**
 * A container mostly does not see /sys/fs/selinux, which lies beside /sys/fs/cgroup; its own label it always sees (selinux(8),
 * proc_pid_attr(5)). AppArmor's labels, in the same file, have no colons.
 */
export function checkSelinux({ procRoot, cgroupRoot }: { readonly procRoot: string; readonly cgroupRoot: string }): Finding {
  const enforce = readText(`${dirname(cgroupRoot)}/selinux/enforce`).text?.trim();
  const label = readText(`${procRoot}/self/attr/current`).text?.replace(/[\n\0]+$/, '') ?? '';
  const [, , type] = /^[^:\s]+:[^:\s]+:[^:\s]+(:|$)/.test(label) ? label.split(':') : [];
  if (enforce === '0') return finding(selinuxKinds.off, 'permissive');
  if (enforce === undefined && type === undefined) return finding(selinuxKinds.off, 'not there');
  const as = `${enforce === undefined ? 'probably enforced' : 'enforced'}, this process is ${type ?? 'of an unknown type'}`;
  return finding(freeTypes.has(type ?? '') ? selinuxKinds.free : selinuxKinds.confined, as);
}
