import { createPodTags } from '../../../src/collect/pod-tags.ts';
import { createTracker } from '../../../src/collect/tracker.ts';
import type { Unit } from '../../../src/collect/unit.ts';
import { hostOf, named } from './host-of.ts';
import type { TestHostOptions } from './host-of.ts';
import { podPath } from './target-of.ts';

const netDev = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 10 1 0 0 0 0 0 0 10 1 0 0 0 0 0 0
  eth0: 100 2 3 4 0 0 0 0 200 5 6 7 0 0 0 0
  net1: 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0
`;
const routes =
  'Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\nnet1\t00000000\t0100000A\t0003\t0\t0\t0\t00000000\t0\t0\t0\n';

export function cgroupFiles(path: string, cpu: string): Record<string, string> {
  const at = `sys/fs/cgroup${path}`;
  return {
    [`${at}/cpu.stat`]: cpu,
    [`${at}/memory.current`]: '4096\n',
    [`${at}/pids.current`]: '3\n',
    [`${at}/pids.max`]: 'max\n',
  };
}

/** A node with one pod of one container, tracked. */
export async function trackedNode({ always, ...options }: TestHostOptions & { readonly always?: readonly Unit[] } = {}) {
  const one = await hostOf(
    {
      'sys/fs/cgroup/cgroup.controllers': 'cpu memory pids\n',
      ...cgroupFiles(podPath, 'usage_usec 9\nuser_usec 4\nsystem_usec 5\n'),
      ...cgroupFiles(`${podPath}/${'a'.repeat(64)}`, 'usage_usec 7\n'),
      [`sys/fs/cgroup${podPath}/${'a'.repeat(64)}/cgroup.procs`]: '42\n',
      'proc/42/stat': '42 (app) S 1 42 42 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 500 0 0\n',
      'proc/42/cgroup': `0::${podPath}/${'a'.repeat(64)}\n`,
      'proc/42/net/dev': netDev,
      'proc/42/net/route': routes,
      'proc/42/net/sockstat': 'sockets: used 8\n',
      'proc/1/net/dev': netDev,
    },
    options,
  );
  const forgotten: string[] = [];
  const nodeTags = { cluster: 'c', node: 'n' };
  const forget = (path: string): void => void forgotten.push(path);
  const podTags = createPodTags({ nodeTags, properties: [], nameBy: () => 'own', exists: () => true });
  const tracker = createTracker({ host: one.host, nodeTags, podTags, forget, ...(always !== undefined && { always }) });
  return { ...one, tracker, descriptors: one.host.descriptors, problems: one.host.problems, forgotten };
}

/** One reading of all, by the names of the fields. */
export function readAll({ tracker }: Awaited<ReturnType<typeof trackedNode>>) {
  return tracker.units.flatMap((unit) => unit.read(Infinity)).map(named);
}
