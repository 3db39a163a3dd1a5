/** Whether the processes of pods are seen, and their networks with them. */
import { parseNetDev } from '../host/net-dev.ts';
import { readOnce } from '../locate/process-files.ts';
import type { ProcessFinder } from '../locate/process.ts';
import type { Target } from '../locate/targets.ts';
import { diagnoseVisibility } from '../locate/visibility.ts';
import type { VisibilityOptions } from '../locate/visibility.ts';
import { finding, someOf } from './finding.ts';
import type { Finding, Kinds } from './finding.ts';

const see = "set hostPID: true, or mount the host's /proc read-only and set --proc-root (PODGAUGE_PROC_ROOT) to where it is";

export const processKinds = {
  hidden: {
    level: 'warn',
    what: 'processes',
    when: "part of the host's processes is hidden (hidepid, or another pid namespace)",
  },
  seen: { level: 'ok', what: 'processes', when: 'each pod has a process that is seen' },
  someSeen: {
    level: 'warn',
    what: 'processes',
    when: 'some pods have no process that is seen: their network is absent',
    remedy: see,
  },
  noneSeen: {
    level: 'FAIL',
    what: 'processes',
    when: 'no pod has a process that is seen: there is no network of pods',
    remedy: see,
  },
  network: { level: 'ok', what: 'pod networks', when: 'the network of each pod whose process is seen can be read' },
  someNetworks: {
    level: 'warn',
    what: 'pod networks',
    when: 'the network of some pods cannot be read',
    remedy: 'look at the log of a run: it names each file once',
  },
  noNetwork: {
    level: 'FAIL',
    what: 'pod networks',
    when: "no pod's network can be read, though processes are seen",
    remedy: 'look at hidepid of the mount of /proc, and at SELinux (type spc_t) and AppArmor (unconfined)',
  },
} as const satisfies Kinds;

/** `targets` are the pods that were found in the cgroups. */
export function checkProcesses(
  host: VisibilityOptions,
  processes: ProcessFinder,
  targets: readonly Target[],
): readonly Finding[] {
  const findings: Finding[] = diagnoseVisibility(host).map((line) => finding(processKinds.hidden, line));
  const running = targets.filter(({ containers, others }) => containers.length + others.length > 0);
  if (running.length === 0) return findings;

  const unseen: string[] = [];
  const unread: string[] = [];
  for (const target of running) {
    const name = `${target.pod.namespace}/${target.pod.name}`;
    const pid = processes.find(target);
    if (pid === undefined) unseen.push(name);
    else if (readOnce(host, `${host.procRoot}/${pid}/net/dev`, target.pod.uid, parseNetDev) === undefined) unread.push(name);
  }

  const seen = running.length - unseen.length;
  if (unseen.length === 0) findings.push(finding(processKinds.seen, `of all ${running.length} pods in ${host.procRoot}`));
  else if (seen === 0)
    findings.push(finding(processKinds.noneSeen, `none of ${running.length} pods has one in ${host.procRoot}`));
  else findings.push(finding(processKinds.someSeen, `none in ${host.procRoot} of ${someOf(unseen)}`));

  if (seen === 0) return findings;
  if (unread.length === 0) findings.push(finding(processKinds.network, `of ${seen} pods were read`));
  else if (unread.length === seen) findings.push(finding(processKinds.noNetwork, `none of ${seen} pods can be read`));
  else findings.push(finding(processKinds.someNetworks, `cannot be read of ${someOf(unread)}`));
  return findings;
}
