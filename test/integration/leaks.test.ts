/**
 * Of pods that came and went no descriptor and no watch is left. On cgroup v2, where the agent watches the events of each pod and each
 * container, the same runs in test/kernel.
 */
import { readdirSync, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createScratchFolder } from '../servers/service.ts';
import { startAgent } from '../support/agent-process.ts';
import { cgroupHost } from '../support/cgroup-host.ts';
import { doomedPods } from '../support/doomed-pods.ts';
import { followPoints } from '../support/line-protocol.ts';
import { expectMarks } from '../support/log-marks.ts';
import { openFiles, watchedInodes } from '../support/open-files.ts';
import { until } from '../support/until.ts';

const node = 'node-of-the-guests';
const guestCount = 20;
const rounds = 3;

test('of pods that came and went while it watched, no descriptor and no watch is left', async () => {
  await using host = cgroupHost({ prefix: 'podgauge-guests' });
  await using pods = await doomedPods(host, node);
  await using folder = await createScratchFolder('leaks');
  const kubeconfig = join(folder.path, 'kubeconfig');
  await writeFile(kubeconfig, JSON.stringify(kubeconfigOf(pods.url)));
  const output = join(folder.path, 'points');
  await using agent = await startAgent({
    args: ['--kubeconfig', kubeconfig, '--node-name', node, '--period', '1s', '--output', `file:${output}`],
  });
  await pods.watched(1);
  const written = followPoints(output);
  await written.next();

  for (let round = 0; round < rounds; round += 1) {
    const guests = await Promise.all(Array.from({ length: guestCount }, (_, i) => pods.start(`guest-${round}-${i}`)));
    const running = await Promise.all(guests.map((guest) => guest.run('c0', ['/bin/sleep', '3600'])));
    await written.where(({ pods: count, containers }) => count === guestCount && containers === guestCount);
    const root = `/sys/fs/cgroup${host.version === 2 ? '' : '/memory'}`;
    const inodes = new Set(guests.flatMap(({ path }) => inodesBelow(root + path)));
    const watches = (): number => [...watchedInodes(agent.pid)].filter((inode) => inodes.has(inode)).length;
    const files = (): string[] => openFiles(agent.pid).filter((file) => guests.some(({ path }) => file.includes(path)));
    // Of each pod its directory; on v2 its kills too, and the end of its container.
    await until('all watches', () => watches() >= guestCount * (host.version === 2 ? 3 : 1));
    // A busy machine may read them a cycle later than it counts them.
    await until('files of all to be open', () => files().length > guestCount * 2);

    for (const container of running) {
      await container.end();
      await container.remove();
    }
    for (const guest of guests) await guest.end();
    await until('all to be let go of', () => watches() === 0 && files().length === 0, {
      describe: () => `${watches()} watches of ${inodes.size} inodes, ${files().join(' ')}`,
    });
  }
  const { beat } = await written.where(({ pods: count }) => count === 0);
  expect(beat).toMatchObject({ containers: 0 });
  expectMarks(beat, agent, 0);
  expect(await agent.stop()).toBe(0);
});

function inodesBelow(directory: string): number[] {
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  return ['', ...names].map((name) => statSync(join(directory, name)).ino);
}

function kubeconfigOf(server: string): object {
  return {
    'current-context': 'guests',
    contexts: [{ name: 'guests', context: { cluster: 'guests' } }],
    clusters: [{ name: 'guests', cluster: { server } }],
    users: [],
  };
}
