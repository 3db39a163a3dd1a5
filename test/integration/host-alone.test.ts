import { chmodSync } from 'node:fs';
import { expect, test } from 'vitest';
import { startAgent } from '../support/agent-process.ts';
import { cgroupHost } from '../support/cgroup-host.ts';

const uid = '5f0c1c3e-7a54-4a43-9d0e-2f5d5c0f7a11';
const id = 'c'.repeat(64);
const nobody = ['setpriv', '--reuid', '19610', '--regid', '19610', '--clear-groups'];

test('without a cluster and without root it shows the pods by UID and the slices, and counts what it may not read', async () => {
  await using host = cgroupHost({ prefix: 'podgauge-host-alone' });
  const pod = host.makePod({ uid, qos: 'Burstable', containers: [{ name: 'any', id, command: ['/bin/sleep', '3600'] }] });
  const [container] = pod.containers;
  const directory = host.version === 2 ? '/sys/fs/cgroup' : '/sys/fs/cgroup/memory';
  chmodSync(`${directory}${container?.path}/memory.stat`, 0);

  await using agent = await startAgent({ args: ['once', '--node-name', 'alone'], under: nobody });
  expect(await agent.ended()).toBe(0);

  const line = (start: string): string | undefined => agent.output.find((each) => each.startsWith(start));
  const none = 'workload=none,workload_kind=none';
  const ownPod = `namespace=none,node=alone,pod=${uid},qos=Burstable,${none} `;
  expect(line(`k8s_pod,cluster=default,${ownPod}`)).toMatch(/ cpu_usage_core_nanoseconds=\d+i,.*memory_rss_bytes=\d+i/);
  expect(line(`k8s_container,cluster=default,container=${id},${ownPod}`)).toMatch(/ cpu_usage_core_nanoseconds=\d+i,.*pids=1i/);
  expect(line(`k8s_container,cluster=default,container=${id},${ownPod}`)).not.toContain('memory_rss_bytes');
  expect(line('k8s_system,cluster=default,node=alone,slice=/ ')).toMatch(/ cpu_usage_core_nanoseconds=\d+i/);
  expect(line('podgauge,')).toMatch(/,files_denied=1i,/);
  expect(agent.log.map(({ msg }) => msg)).toEqual([expect.stringMatching(/memory\.stat: cannot be read: EACCES$/)]);
});
