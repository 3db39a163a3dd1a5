/**
 * The commands of docs/install.md, docs/sizing.md and docs/troubleshooting.md, as they stand there, on a real API server. Those that need
 * a node are left to the tests that have one.
 */
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { startApiServer } from '../servers/api-server.ts';
import { run } from '../servers/command.ts';
import { ensureClients } from '../servers/kubectl.ts';

const root = join(import.meta.dirname, '../..');
/** They wait for pods or look into them, or wait for a controller to empty a namespace. */
const needNode = /rollout status|helm .* test |delete namespace|kubectl .* (?:logs|exec) /;

test('helm installs it, upgrades it and removes it without a trace', async () => {
  await using admin = await createAdmin();
  const before = await admin.objects();
  const [prepare, install] = splitAt(await commandsOf('With Helm'), 'helm install');
  for (const command of prepare) await admin.sh(command);
  const prepared = await admin.objects();
  for (const command of install) await admin.sh(command);
  const installed = await admin.objects();
  expect(installed.filter((object) => !prepared.includes(object))).toEqual([
    'clusterrole/podgauge:podgauge',
    'clusterrolebinding/podgauge:podgauge',
    'podgauge configmap/podgauge',
    'podgauge daemonset/podgauge',
    // Where Helm keeps what it installed.
    'podgauge secret/sh.helm.release.v1.podgauge.v1',
    'podgauge service/podgauge',
    'podgauge serviceaccount/podgauge',
  ]);
  expect(await admin.config()).toMatchObject({ period: '10s', clusterName: 'staging' });

  for (const command of await commandsOf('Upgrade')) await admin.sh(command);
  expect(await admin.config()).toMatchObject({ period: '2s', clusterName: 'staging' });

  for (const command of await commandsOf('Memory', 'sizing.md')) await admin.sh(command);
  expect(await admin.config()).toMatchObject({ queueMaxBytes: '96MiB', period: '2s' });
  for (const command of await commandsOf('Where to look', 'troubleshooting.md')) {
    expect(await admin.sh(command)).toContain('daemonset.apps/podgauge');
  }

  for (const command of await commandsOf('Remove')) await admin.sh(command);
  expect(await admin.objects()).toEqual(prepared);
  await admin.sh('kubectl --namespace podgauge delete secret influxdb');
  expect((await admin.objects()).filter((object) => !before.includes(object))).toEqual(['namespace/podgauge']);
});

test('kubectl installs it without Helm', async () => {
  await using admin = await createAdmin();
  for (const command of await commandsOf('Without Helm')) await admin.sh(command);
  expect(await admin.objects()).toEqual(
    expect.arrayContaining([
      'clusterrole/podgauge:podgauge',
      'podgauge daemonset/podgauge',
      'podgauge secret/podgauge-influxdb',
    ]),
  );
});

async function commandsOf(heading: string, name = 'install.md'): Promise<readonly string[]> {
  const page = await readFile(join(root, 'docs', name), 'utf8');
  const section = page.split(/^## /m).find((one) => one.startsWith(`${heading}\n`)) ?? '';
  const blocks = Array.from(section.matchAll(/```sh\n([^]*?)```/g), ([, block = '']) => block);
  const commands = blocks.flatMap((block) => block.replaceAll('\\\n', ' ').trimEnd().split('\n'));
  if (commands.length === 0) throw new Error(`docs/${name} has no commands under ${heading}`);
  return commands.filter((command) => !needNode.test(command));
}

function splitAt(commands: readonly string[], start: string): [readonly string[], readonly string[]] {
  const index = commands.findIndex((command) => command.startsWith(start));
  return [commands.slice(0, index), commands.slice(index)];
}

/** Someone with a shell in a clone of the project, a kubeconfig and a file with a token. */
async function createAdmin() {
  await using parts = new AsyncDisposableStack();
  const server = parts.use(await startApiServer());
  const folder = await mkdtemp(join(tmpdir(), 'podgauge-admin-'));
  parts.defer(() => rm(folder, { recursive: true }));
  for (const name of ['charts', 'manifests']) await symlink(join(root, name), join(folder, name));
  await writeFile(join(folder, 'token'), 'not-a-real-token');
  await writeFile(join(folder, 'kubeconfig'), server.kubeconfig({ token: server.adminToken }));
  const { helm, kubectl } = await ensureClients();
  const path = [dirname(helm), dirname(kubectl), process.env['PATH']].join(delimiter);
  const env = { PATH: path, KUBECONFIG: join(folder, 'kubeconfig'), HOME: folder };
  const sh = (command: string) => run('sh', ['-c', command], { cwd: folder, env });

  /** All objects of the cluster, by kind and name; those that the server itself writes again and again are left out. */
  async function objects(): Promise<readonly string[]> {
    const kinds = await sh('kubectl api-resources --verbs=list --output=name');
    const listed = kinds.split('\n').filter((kind) => kind !== '' && !/^(?:events|leases|componentstatuses)/.test(kind));
    const columns = 'NAMESPACE:.metadata.namespace,KIND:.kind,NAME:.metadata.name';
    const lines = await sh(`kubectl get ${listed.join(',')} --all-namespaces --no-headers --output=custom-columns=${columns}`);
    return lines
      .trimEnd()
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .map(([namespace, kind = '', name]) => `${namespace === '<none>' ? '' : `${namespace} `}${kind.toLowerCase()}/${name}`)
      .toSorted();
  }

  async function config(): Promise<unknown> {
    return JSON.parse(
      await sh("kubectl --namespace podgauge get configmap podgauge --output='jsonpath={.data.config\\.json}'"),
    );
  }

  const owned = parts.move();
  return { sh, objects, config, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
