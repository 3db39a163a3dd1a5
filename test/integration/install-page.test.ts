/**
 * The commands of docs/install.md, docs/sizing.md and docs/troubleshooting.md, as they stand there, on a real API server. Those that need
 * a node are left to the tests that have one.
 */
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startApiServer } from '../servers/api-server.ts';
import { createAdmin } from '../support/install/admin.ts';
import { commandsOf } from '../support/install/page.ts';
import { until } from '../support/until.ts';

const project = join(import.meta.dirname, '../..');

/** They wait for pods or look into them, or wait for a controller to empty a namespace. */
const needNode = /rollout status|helm .* test |delete namespace|kubectl .* (?:logs|exec) /;

test('helm installs it, upgrades it and removes it without a trace', async () => {
  await using admin = await startServer();
  const before = await admin.objects();
  const [prepare, install] = splitAt(await commandsUnder('With Helm'), 'helm install');
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

  for (const command of await commandsUnder('Upgrade')) await admin.sh(command);
  expect(await admin.config()).toMatchObject({ period: '2s', clusterName: 'staging' });

  for (const command of await commandsUnder('Memory', 'sizing.md')) await admin.sh(command);
  const set = { queueMaxBytes: '96MiB', period: '2s', clusterName: 'staging' };
  expect(await admin.config()).toMatchObject(set);
  for (const command of await commandsUnder('Where to look', 'troubleshooting.md')) {
    expect(await admin.sh(command)).toContain('daemonset.apps/podgauge');
  }

  const another = await commandsUnder('Another version');
  const [upgrade = '', rollback = ''] = another;
  expect(another).toHaveLength(2);
  await admin.checkOutNext();
  await admin.sh(upgrade);
  expect(await admin.image()).toBe('registry.example/podgauge:0.2.0');
  // What was set stays, what was not follows the chart.
  expect(await admin.config()).toMatchObject({ ...set, shutdownTimeout: '7s' });
  await admin.sh(rollback);
  expect(await admin.image()).toBe('registry.example/podgauge:0.1.0');
  expect(await admin.config()).toMatchObject({ ...set, shutdownTimeout: '5s' });
  await admin.sh(upgrade.replace('--reset-then-reuse-values', '--reuse-values'));
  expect(await admin.image()).toBe('registry.example/podgauge:0.2.0');
  expect(await admin.config()).toMatchObject({ ...set, shutdownTimeout: '5s' });

  for (const command of await commandsUnder('Remove')) await admin.sh(command);
  expect(await admin.objects()).toEqual(prepared);
  await admin.sh('kubectl --namespace podgauge delete secret influxdb');
  expect((await admin.objects()).filter((object) => !before.includes(object))).toEqual(['namespace/podgauge']);
});

test('kubectl installs it without Helm, upgrades it and removes it', async () => {
  await using admin = await startServer();
  const before = await admin.objects();
  for (const command of await commandsUnder('Without Helm')) await admin.sh(command);
  const installed = await admin.objects();
  expect(installed).toEqual(
    expect.arrayContaining([
      'clusterrole/podgauge:podgauge',
      'podgauge daemonset/podgauge',
      'podgauge secret/podgauge-influxdb',
    ]),
  );

  await admin.checkOutNext();
  for (const command of await commandsUnder('Another version without Helm')) await admin.sh(command);
  expect(await admin.image()).toBe('registry.example/podgauge:0.2.0');
  expect(await admin.objects()).toEqual(installed);

  // Nothing here empties a namespace: the command would wait for that.
  for (const command of await commandsUnder('Remove without Helm')) await admin.sh(`${command} --wait=false`);
  expect((await admin.objects()).filter((object) => !before.includes(object))).toEqual([
    'namespace/podgauge',
    'podgauge secret/podgauge-influxdb',
  ]);
});

/** Those of a section that need no node. */
async function commandsUnder(heading: string, page?: string): Promise<readonly string[]> {
  return (await commandsOf(heading, page)).filter((command) => !needNode.test(command));
}

function splitAt(commands: readonly string[], start: string): [readonly string[], readonly string[]] {
  const index = commands.findIndex((command) => command.startsWith(start));
  return [commands.slice(0, index), commands.slice(index)];
}

async function startServer() {
  await using parts = new AsyncDisposableStack();
  const server = parts.use(await startApiServer());
  const { sh, folder } = parts.use(await createAdmin(server.kubeconfig({ token: server.adminToken })));

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

  // Soon after it is ready.
  await until('what the server makes by itself', async () => (await objects()).includes('default service/kubernetes'));

  async function config(): Promise<unknown> {
    return JSON.parse(
      await sh("kubectl --namespace podgauge get configmap podgauge --output='jsonpath={.data.config\\.json}'"),
    );
  }

  function image(): Promise<string> {
    return sh("kubectl --namespace podgauge get daemonset podgauge --output='jsonpath={..containers[0].image}'");
  }

  /** Puts a next version in the place of this one: its number, and another default of a value. */
  async function checkOutNext(): Promise<void> {
    for (const name of ['charts', 'manifests']) {
      await rm(join(folder, name));
      await cp(join(project, name), join(folder, name), { recursive: true });
    }
    await replaceIn('charts/podgauge/Chart.yaml', /^(version|appVersion): .*$/gm, '$1: "0.2.0"');
    await replaceIn('charts/podgauge/values.yaml', /^shutdownTimeout: 5s$/gm, 'shutdownTimeout: 7s');
    await replaceIn('manifests/example/kustomization.yaml', /newTag: .*$/gm, 'newTag: 0.2.0');
  }

  async function replaceIn(path: string, pattern: RegExp, replacement: string): Promise<void> {
    const text = await readFile(join(folder, path), 'utf8');
    const replaced = text.replace(pattern, replacement);
    if (replaced === text) throw new Error(`${path} has nothing like ${pattern}`);
    await writeFile(join(folder, path), replaced);
  }

  const owned = parts.move();
  return { sh, objects, config, image, checkOutNext, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
