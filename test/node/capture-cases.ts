/**
 * `node test/node/capture-cases.ts` starts a node of each kind that test/node/cluster.test.ts knows, runs pods on it, and makes it a golden
 * case anew: `host.txt` by test/golden/capture.ts, `pods.json` from the API server. What the program must print for it
 * is left to be worked out.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startCluster, type ClusterOptions } from '../servers/cluster/cluster.ts';
import { runPodKinds, staticPod } from '../support/pod-kinds.ts';

const golden = join(import.meta.dirname, '../golden');

const cases: Readonly<Record<string, ClusterOptions>> = {
  '1.36-containerd-cgroupfs-v2-captured': {},
  '1.36-containerd-systemd-v2-crun-captured': { init: 'systemd', runtime: 'crun' },
};

async function capture(folder: string, options: ClusterOptions): Promise<void> {
  await using cluster = await startCluster({ ...options, staticPods: [staticPod] });
  await runPodKinds(cluster);
  const { code, stdout, stderr } = await cluster.worker.run('node', join(golden, 'capture.ts'));
  if (code !== 0) throw new Error(`capture.ts ended with ${code}: ${stderr}`);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'host.txt'), stdout);
  const pods = await cluster.api.request('GET', `/api/v1/pods?fieldSelector=spec.nodeName%3D${cluster.nodeName}`);
  await writeFile(join(folder, 'pods.json'), `${JSON.stringify(pods, null, 1)}\n`);
  await writeFile(join(folder, 'args.json'), `${JSON.stringify(['--node-name', cluster.nodeName])}\n`);
}

for (const [name, options] of Object.entries(cases)) {
  await capture(join(golden, 'cases', name), options);
  process.stdout.write(`${name}\n`);
}
