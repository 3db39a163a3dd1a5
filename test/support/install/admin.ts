/** Someone with a shell in a clone of the project, a kubeconfig, a file with a token, kubectl and helm. */
import { symlink, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { run } from '../../servers/command.ts';
import { ensureClients } from '../../servers/kubectl.ts';
import { createScratchFolder } from '../../servers/service.ts';

export interface Admin extends AsyncDisposable {
  /** Where the shell is. */
  readonly folder: string;
  /** What a command line printed; a failure quotes its end. */
  sh(command: string): Promise<string>;
}

const project = join(import.meta.dirname, '../../..');

/** Takes the text of a kubeconfig, and what the file `token` is to hold. */
export async function createAdmin(kubeconfig: string, token = 'not-a-real-token'): Promise<Admin> {
  const scratch = await createScratchFolder('admin');
  const folder = scratch.path;
  for (const name of ['charts', 'manifests']) await symlink(join(project, name), join(folder, name));
  await writeFile(join(folder, 'token'), token);
  await writeFile(join(folder, 'kubeconfig'), kubeconfig, { mode: 0o600 });
  const { helm, kubectl } = await ensureClients();
  const path = [dirname(helm), dirname(kubectl), process.env['PATH']].join(delimiter);
  const env = { PATH: path, KUBECONFIG: join(folder, 'kubeconfig'), HOME: folder };
  return {
    folder,
    sh: (command) => run('sh', ['-c', command], { cwd: folder, env }),
    [Symbol.asyncDispose]: () => scratch[Symbol.asyncDispose](),
  };
}
