/** What people without Helm apply. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startApiServer } from '../servers/api-server.ts';
import { run } from '../servers/command.ts';
import { ensureClients } from '../servers/kubectl.ts';
import { manifestsIn, runWithInput } from '../support/chart.ts';
import { containerOf } from '../support/chart-pod.ts';

const root = join(import.meta.dirname, '../..');

test('the manifests are what the chart says', async () => {
  expect(await run(process.execPath, [join(root, 'scripts/manifests.ts'), '--check'])).toBe('');
});

test('the example sets over the base all that is not real in it', async () => {
  const { kubectl } = await ensureClients();
  const manifests = manifestsIn(await run(kubectl, ['kustomize', join(root, 'manifests/example')]));
  const container = containerOf(manifests);
  expect(container['image']).toBe('registry.example/podgauge:0.1.0');
  expect(Object.fromEntries(container.env.map(({ name, value }) => [name, value]))).toMatchObject({
    INFLUX_URL: 'https://influxdb.example:8086',
    INFLUX_ORG: 'my-org',
    INFLUX_BUCKET: 'k8s',
    INFLUX_TOKEN_FILE: '/etc/podgauge/influxdb-token/token',
    CLUSTER_NAME: 'staging',
  });
});

test.each(['base', 'example'])('a real API server takes the %s', async (name) => {
  await using server = await startApiServer();
  const { kubectl } = await ensureClients();
  const folder = await mkdtemp(join(tmpdir(), 'podgauge-manifests-'));
  try {
    const kubeconfig = join(folder, 'kubeconfig');
    await writeFile(kubeconfig, server.kubeconfig({ token: server.adminToken }));
    const rendered = await run(kubectl, ['kustomize', join(root, 'manifests', name)]);
    const apply = ['--kubeconfig', kubeconfig, 'apply', '--validate=strict'];
    // A dry run makes no namespace for the rest to be in.
    await run(kubectl, [...apply, '--filename', join(root, 'manifests/base/namespace.yaml')]);
    const { stdout, stderr } = await runWithInput(kubectl, [...apply, '--dry-run=server', '--filename', '-'], rendered);
    expect(stderr).toBe('');
    expect(stdout.match(/ (?:created|unchanged) \(server dry run\)$/gm)).toHaveLength(manifestsIn(rendered).length);
  } finally {
    await rm(folder, { recursive: true });
  }
});
