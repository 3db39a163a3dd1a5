import { expect, test } from 'vitest';
import { checkProcesses, processKinds } from '../../../src/check/processes.ts';
import { createDescriptors } from '../../../src/host/descriptors.ts';
import { detectHierarchy } from '../../../src/locate/hierarchy.ts';
import { createProcessFinder } from '../../../src/locate/process.ts';
import type { Target } from '../../../src/locate/targets.ts';
import { createProblems } from '../../../src/problems.ts';
import { hostTree } from '../../support/host-tree.ts';
import type { HostTree } from '../../support/host-tree.ts';
import { app, procs, processes, sidecar, targetOf, v2, v2Foreign } from '../locate/pod-processes.ts';
import { recordingLogger } from '../watch/running-watch.ts';
import { createSeen } from './seen.ts';

const seen = createSeen(processKinds);
const first = targetOf([app], []);
const second: Target = { ...targetOf([sidecar], []), pod: { ...first.pod, uid: 'two', name: 'bill' } };
const netDev = 'Inter-|   Receive                                                |  Transmit\n face |bytes\n';

function told(host: HostTree, targets: readonly Target[]): readonly string[] {
  const options = {
    hierarchy: detectHierarchy(host.cgroupRoot),
    procRoot: host.procRoot,
    problems: createProblems(recordingLogger([])),
    descriptors: createDescriptors({ max: 0 }),
    now: () => 0,
  };
  return seen
    .told(checkProcesses(options, createProcessFinder(options), targets))
    .map((line) => line.replaceAll(host.path, ''));
}

const running = {
  ...v2,
  ...procs({ [app]: [11], [sidecar]: [22] }),
  ...processes(app, { 11: {} }),
  ...processes(sidecar, { 22: {} }),
};

test('the processes of all pods, and their networks', async () => {
  await using host = await hostTree({ ...running, 'proc/11/net/dev': netDev, 'proc/22/net/dev': netDev });
  expect(told(host, [first, second])).toEqual(['seen: of all 2 pods in /proc', 'network: of 2 pods were read']);
  expect(told(host, [])).toEqual([]);
  expect(told(host, [{ ...first, containers: [] }])).toEqual([]);
});

test('without hostPID nobody is seen', async () => {
  await using host = await hostTree({ ...v2Foreign, ...procs({ [app]: [0], [sidecar]: [0] }) });
  expect(told(host, [first, second])).toEqual([
    "hidden: cgroup.procs names no process of the host, and /proc is not the host's: set hostPID, or mount the host's /proc and set --proc-root to where it is",
    'noneSeen: none of 2 pods has one in /proc',
  ]);
});

test('without hostPID, and with the /proc of the host, all are seen and nothing is missed', async () => {
  await using host = await hostTree({
    ...v2Foreign,
    ...procs({ [app]: [0], [sidecar]: [0] }),
    ...processes(app, { 11: {} }),
    ...processes(sidecar, { 22: {} }),
    'proc/self/status': 'NSpid:\t33\t1\n',
    'proc/11/net/dev': netDev,
    'proc/22/net/dev': netDev,
  });
  expect(told(host, [first, second])).toEqual(['seen: of all 2 pods in /proc', 'network: of 2 pods were read']);
});

test('hidepid is told', async () => {
  await using host = await hostTree(v2);
  await host.add({ 'proc/self/mountinfo': `25 1 0:23 / ${host.procRoot} rw - proc proc rw,hidepid=invisible\n` });
  expect(told(host, [])).toEqual([expect.stringMatching(/^hidden: \/proc is mounted with hidepid=invisible: /)]);
});

test('some are seen, and the networks of some', async () => {
  await using host = await hostTree({
    ...v2,
    ...procs({ [app]: [11] }),
    ...processes(app, { 11: {} }),
    'proc/11/net/dev': netDev,
  });
  expect(told(host, [first, second])).toEqual(['someSeen: none in /proc of shop/bill', 'network: of 1 pods were read']);
  await using both = await hostTree({ ...running, 'proc/11/net/dev': netDev });
  expect(told(both, [first, second])[1]).toBe('someNetworks: cannot be read of shop/bill');
  await using none = await hostTree({ ...running, 'proc/11/net/dev/': '' });
  expect(told(none, [first, second])[1]).toBe('noNetwork: none of 2 pods can be read');
});

test('each kind was seen', () => {
  expect(seen.unseen()).toEqual([]);
});
