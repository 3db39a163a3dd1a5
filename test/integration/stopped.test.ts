/** SIGTERM: what is known is sent, also what was to go with the next cycle; what cannot be sent is counted, and the end comes all the same. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { startInfluxDb } from '../servers/influxdb.ts';
import { createScratchFolder } from '../servers/service.ts';
import { startAgent } from '../support/agent-process.ts';
import type { AgentProcess } from '../support/agent-process.ts';
import { hostTree } from '../support/host-tree.ts';
import type { HostTree } from '../support/host-tree.ts';
import { startInfluxProxy } from '../support/influx-proxy.ts';
import { fuse, muteDisk } from '../support/mute-disk.ts';
import { openFiles } from '../support/open-files.ts';
import { until } from '../support/until.ts';
import { parseLine } from '../unit/write/parse-line.ts';
import type { Point } from '../unit/write/parse-line.ts';

const uid = '5d0e3c52-6a0d-4d0c-8e0f-3c1a8f2b7d11';

/** A node on cgroup v2 with one pod, in which the kernel has killed once. Files tell inotify of their changes wherever they are. */
function hostWithKill(): Promise<HostTree> {
  return hostTree({
    'sys/fs/cgroup/cgroup.controllers': 'cpu memory pids\n',
    [`sys/fs/cgroup/kubepods/pod${uid}/memory.events`]: 'oom 1\noom_kill 1\noom_group_kill 0\n',
    [`sys/fs/cgroup/kubepods/pod${uid}/${'a'.repeat(64)}/memory.events`]: 'oom 1\noom_kill 1\noom_group_kill 0\n',
  });
}

function rootsOf(host: HostTree): readonly string[] {
  return ['--proc-root', host.procRoot, '--cgroup-root', host.cgroupRoot];
}

function pointsOf(agent: AgentProcess, measurement: string): readonly Point[] {
  return agent.output.map(parseLine).filter((point) => point.measurement === measurement);
}

test('an agent that is told to end while InfluxDB hangs ends with 0, and says how many points that costs', async () => {
  await using influx = await startInfluxDb();
  await using proxy = await startInfluxProxy(influx.url);
  await using agent = await startAgent({
    args: [
      ...['--source', 'cgroup', '--period', '250ms', '--shutdown-timeout', '2s', '--influx-url', proxy.url],
      ...['--influx-org', influx.org, '--influx-bucket', influx.bucket],
    ],
    env: { INFLUX_TOKEN: influx.token },
  });
  const isStored = async (): Promise<boolean> =>
    (await influx.query(`from(bucket: "${influx.bucket}") |> range(start: -1h) |> limit(n: 1)`)).length > 0;
  await until('points', isStored, { describe: () => JSON.stringify(agent.log) });

  await influx.pause();
  await untilItHangs();
  // It hangs until the agent has ended: nothing but the agent's own deadline can have made it end.
  expect(await agent.stop()).toBe(0);
  influx.resume();
  const messages = agent.log.map(({ msg }) => msg);
  expect(messages.filter((message) => message.includes('no answer'))).toEqual([]);
  expect(messages.slice(-2)).toEqual(['Points are lost: the target did not take them in time', 'podgauge has stopped']);
  expect(agent.log.at(-2)?.['points']).toBeGreaterThan(1);

  /** A request that is under way at two moments was not answered before InfluxDB was paused. */
  async function untilItHangs(): Promise<void> {
    for (let before = -1; proxy.underWay === 0 || proxy.met.pass !== before; await sleep(500)) before = proxy.met.pass;
  }
});

test.skipIf(!existsSync(fuse))(
  'a file on a disk that does not answer does not hold up the end, and it says what that costs',
  async () => {
    await using host = await hostWithKill();
    await using folder = await createScratchFolder('stopped');
    const directory = join(folder.path, 'mute');
    await mkdir(directory);
    await using _disk = await muteDisk(directory);
    await using agent = await startAgent({
      args: [
        ...['--source', 'cgroup', '--period', '250ms', '--shutdown-timeout', '2s', '--output', `file:${directory}/points`],
        ...['--collectors', 'memory', ...rootsOf(host)],
      ],
    });
    const isWriting = (): boolean => waitingThreads(agent.pid) > 0;
    await until('it to wait for the disk', isWriting, { describe: () => JSON.stringify(agent.log) });
    // Its code is that of a process whose thread nothing but SIGKILL can end.
    await agent.stop();
    expect(agent.log.slice(-2).map(({ msg }) => msg)).toEqual([
      'Points are lost: the target did not take them in time',
      'podgauge has stopped',
    ]);
    expect(agent.log.at(-2)?.['points']).toBeGreaterThan(1);

    /** Threads that wait in the kernel for FUSE. */
    function waitingThreads(pid: number): number {
      const tasks = `/proc/${pid}/task`;
      return readdirSync(tasks).filter((task) => readFileSync(join(tasks, task, 'wchan'), 'utf8').includes('fuse')).length;
    }
  },
);

test('what the kernel told of since the last cycle is written at the end', async () => {
  await using host = await hostWithKill();
  // No cycle comes within the test, but in one run of a thousand; and then it writes the same.
  await using agent = await startAgent({
    args: ['--source', 'cgroup', '--period', '1h', '--output', 'stdout', '--collectors', 'memory', ...rootsOf(host)],
  });
  const isRead = (): boolean => openFiles(agent.pid).some((file) => file.endsWith(`/pod${uid}/memory.events`));
  await until('the kill to be read', isRead, { describe: () => JSON.stringify(agent.log) });
  expect(await agent.stop()).toBe(0);
  const kills = pointsOf(agent, 'k8s_pod').map(({ tags, fields }) => [
    tags['pod'],
    fields['memory_oom_kills'],
    fields['oom_kills'],
  ]);
  expect(kills).toContainEqual([uid, 1n, 1n]);
});

test('points that wait for the name of their pod at the end are lost, and it says how many', async () => {
  await using host = await hostWithKill();
  await using folder = await createScratchFolder('stopped');
  const kubeconfig = join(folder.path, 'kubeconfig');
  // Nobody listens there.
  const context = { name: 'stopped', context: { cluster: 'stopped' } };
  const cluster = { name: 'stopped', cluster: { server: 'http://127.0.0.1:1' } };
  const content = { 'current-context': 'stopped', contexts: [context], clusters: [cluster], users: [] };
  await writeFile(kubeconfig, JSON.stringify(content));
  await using agent = await startAgent({
    args: [
      ...['--kubeconfig', kubeconfig, '--node-name', 'stopped', '--period', '250ms', '--output', 'stdout'],
      ...['--collectors', 'memory', ...rootsOf(host)],
    ],
  });
  const held = (): number => Math.max(0, ...pointsOf(agent, 'podgauge').map(({ fields }) => Number(fields['points_held'])));
  await until('points to be held', () => held() > 0, { describe: () => JSON.stringify(agent.log) });
  expect(await agent.stop()).toBe(0);
  expect(pointsOf(agent, 'k8s_pod')).toEqual([]);
  const [lost, last] = agent.log.slice(-2);
  expect(lost?.msg).toBe('Points are lost: the API server has not named their pods before the end');
  expect(lost?.['points']).toBeGreaterThanOrEqual(held());
  expect(last?.msg).toBe('podgauge has stopped');
});
