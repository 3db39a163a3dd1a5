import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cluster } from '../servers/cluster/cluster.ts';

/**
 * A folder as a pod's service account has it, with the certificate of the API server, which did not sign that of the kubelet.
 * Gives the options with which an agent in the worker asks the kubelet by it.
 */
export async function kubeletOptions({ folder, server }: Cluster, name: string, token: string): Promise<string[]> {
  await mkdir(join(folder, name));
  await writeFile(join(folder, name, 'token'), token);
  await writeFile(join(folder, name, 'ca.crt'), server.ca());
  return ['--file-systems', 'kubelet', '--service-account-dir', `/run/podgauge/${name}`];
}
