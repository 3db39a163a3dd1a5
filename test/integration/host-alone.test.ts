import { chmodSync } from 'node:fs';
import { expect, test } from 'vitest';
import { startAgent } from '../support/agent-process.ts';
import { cgroupHost } from '../support/cgroup-host.ts';
import { until } from '../support/until.ts';
import { parseLine } from '../unit/write/parse-line.ts';

const uid = '5f0c1c3e-7a54-4a43-9d0e-2f5d5c0f7a11';
const id = 'c'.repeat(64);
const nobody = ['setpriv', '--reuid', '19610', '--regid', '19610', '--clear-groups'];

test('without a cluster and without root it shows the pods by UID and the slices, and counts what it may not read', async () => {
  await using host = cgroupHost({ prefix: 'podgauge-host-alone' });
  const pod = host.makePod({ uid, qos: 'Burstable', containers: [{ name: 'any', id, command: ['/bin/sleep', '3600'] }] });
  const [container] = pod.containers;
  const directory = host.version === 2 ? '/sys/fs/cgroup' : '/sys/fs/cgroup/memory';
  chmodSync(`${directory}${container?.path}/memory.stat`, 0);
  await until('its process to be in it', () => host.read('pids', container?.path ?? '', 'pids.current').trim() === '1');

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

test('with descriptors for a part of the files it keeps those, and reads all the others too', async () => {
  await using host = cgroupHost({ prefix: 'podgauge-host-alone' });
  const uids = Array.from({ length: 20 }, (_, index) => `${uid.slice(0, -2)}${index + 10}`);
  for (const each of uids) host.makePod({ uid: each, qos: 'BestEffort', containers: [{ name: 'any', id }] });
  const most = 500;

  await using agent = await startAgent({ args: ['--period', '1s'], under: ['prlimit', `--nofile=${most}:${most}`] });
  await until('three whole cycles', () => wholeCycles(agent.output).length >= 3);
  const cycles = wholeCycles(agent.output);
  expect(numberIn('descriptors', cycles.at(-1))).toBe(most - 384);
  for (const each of uids) {
    const lines = cycles.flat().filter((line) => line.startsWith('k8s_container,') && line.includes(`,pod=${each},`));
    expect(lines.length).toBeGreaterThanOrEqual(2);
    for (const line of lines) expect(line).toMatch(/cpu_usage_core_nanoseconds=\d+i,.*memory_usage_bytes=\d+i,.*pids=0i/);
  }
  expect(numberIn('files_denied', cycles.at(-1))).toBe(0);
  expect(agent.complaints).toEqual([]);
  expect(await agent.stop()).toBe(0);
});

/** The lines of each cycle in which nothing was left out, as happens on a slow machine; its heartbeat is the last. */
function wholeCycles(output: readonly string[]): string[][] {
  const ends = output.flatMap((line, i) => (line.startsWith('podgauge,') ? [i + 1] : []));
  const all = ends.map((end, i) => output.slice(ends[i - 1] ?? 0, end));
  return all.filter((lines, i) => numberIn('pods_late', lines) === (i === 0 ? 0 : numberIn('pods_late', all[i - 1])));
}

/** Of the heartbeat of a cycle. */
function numberIn(field: string, lines: readonly string[] = []): number {
  return Number(parseLine(lines.at(-1) ?? '').fields[field]);
}
