import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunningJob } from '../../servers/cluster/channel.ts';
import type { Cluster } from '../../servers/cluster/cluster.ts';
import { createAccount } from '../account.ts';
import { bundle } from '../bundle.ts';
import { annotation } from './marks.ts';

/** The bundled program in the worker, as its DaemonSet runs it, with everything on that needs no capability. */
export async function startWholeAgent(cluster: Cluster, port: number, period: string): Promise<RunningJob> {
  const token = await createAccount(cluster.api, 'podgauge', [
    { apiGroups: [''], resources: ['pods'], verbs: ['list', 'watch'] },
    { apiGroups: [''], resources: ['nodes'], verbs: ['get'] },
    { apiGroups: [''], resources: ['nodes/stats'], verbs: ['get'] },
  ]);
  await copyFile(await bundle(), join(cluster.folder, 'podgauge.mjs'));
  await writeFile(join(cluster.folder, 'agent.kubeconfig'), cluster.kubeconfig(token));
  // For the kubelet, whom it asks by the token of its account.
  await mkdir(join(cluster.folder, 'account'));
  await writeFile(join(cluster.folder, 'account/token'), token);
  const flags = {
    source: 'kubernetes',
    kubeconfig: '/run/podgauge/agent.kubeconfig',
    'service-account-dir': '/run/podgauge/account',
    'node-name': cluster.nodeName,
    period,
    'influx-url': `http://${cluster.gateway}:${port}`,
    'influx-org': 'laws',
    'influx-bucket': 'laws',
    'file-systems': 'kubelet',
    'kubelet-ca-file': '/run/podgauge/authority.crt',
    'info-annotations': annotation,
  };
  return await cluster.worker.start({
    under: [
      'setpriv',
      '--reuid=19610',
      '--regid=19610',
      '--clear-groups',
      '--no-new-privs',
      '--bounding-set=-all',
      '--inh-caps=-all',
    ],
    program: '/run/podgauge/podgauge.mjs',
    args: ['run', ...Object.entries(flags).map(([name, value]) => `--${name}=${value}`)],
    env: { INFLUX_TOKEN: 'laws' },
  });
}
