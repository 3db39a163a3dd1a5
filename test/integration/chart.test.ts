/** What the chart makes of each of its values files. `UPDATE=1` takes what it makes for right. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readCommandLine } from '../../src/config/command-line.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { Environment } from '../../src/config/environment.ts';
import { chartFolder, helm, manifestsIn, render, valuesFile, valuesFiles } from '../support/chart.ts';
import { startChartCluster } from '../support/chart-cluster.ts';
import { containerOf } from '../support/chart-pod.ts';
import type { Admin } from '../support/install/admin.ts';

const goldens = join(import.meta.dirname, '../chart/rendered');

describe.each(valuesFiles())('with the values of %s', (file) => {
  test('it renders what it rendered before', async () => {
    const rendered = await render({ file });
    const golden = join(goldens, `${file}.yaml`);
    if (process.env['UPDATE'] === '1') await writeFile(golden, rendered);
    expect(rendered).toBe(await readFile(golden, 'utf8'));
  });

  test('helm finds nothing wrong', async () => {
    // A linted chart is on no cluster: none has these kinds.
    const withoutForeign = ['--set', 'podMonitor.enabled=false,securityContextConstraints.create=false'];
    const args = ['lint', '--strict', chartFolder, '--kube-version', '1.36.0', '--values', valuesFile(file)];
    const { code, stdout } = await helm([...args, ...withoutForeign]);
    expect(code, stdout).toBe(0);
  });

  test('no key is empty, and no value null', async () => {
    const empties = manifestsIn(await render({ file })).flatMap((manifest) => emptyKeys(manifest, manifest.kind));
    // What matches everything, and what an SCC has no default for, is empty on purpose.
    const meant = /\.emptyDir$|^SecurityContextConstraints\.(?:groups|priority|\w+Capabilities)$/;
    expect(empties.filter((path) => !meant.test(path))).toEqual([]);
  });

  test('the program takes the config file and the variables', async () => {
    const manifests = manifestsIn(await render({ file }));
    const config = manifests.find(({ kind }) => kind === 'ConfigMap')?.data?.['config.json'] ?? '';
    const loaded = await loadConfig({
      commandLine: readCommandLine(['run']),
      environment: environmentIn(manifests),
      readFile: async (path) => (path === '/etc/podgauge/config/config.json' ? config : Promise.reject(new Error(path))),
      hostname: 'host',
    });
    expect(loaded).toMatchObject({ nodeName: 'this-node', host: { cgroupRoot: '/host/sys/fs/cgroup' } });
    expect(loaded.warnings.filter((line) => !/token|certificate is not verified/.test(line))).toEqual([]);
  });
});

describe('an upgrade', () => {
  test.each([
    { what: 'another period', values: { period: '2s' }, rolls: true },
    { what: 'another token', values: { influxdb: { token: 'another' } }, rolls: false },
    { what: 'an annotation of the Service', values: { service: { annotations: { a: 'b' } } }, rolls: false },
  ])('to $what: new pods are started: $rolls', async ({ values, rolls }) => {
    const [before, after] = await Promise.all([render({ file: 'mounted-proc' }), render({ file: 'mounted-proc', values })]);
    expect(before).not.toBe(after);
    expect(templateIn(before) !== templateIn(after)).toBe(rolls);
  });
});

describe('a real API server', () => {
  let admin: Admin;

  beforeAll(async () => {
    admin = await startChartCluster();
    for (const name of ['podgauge', 'monitoring']) await admin.sh(`kubectl create namespace ${name}`);
  });

  afterAll(() => admin?.[Symbol.asyncDispose]());

  test.each(valuesFiles())('takes all that the values of %s make', async (file) => {
    const rendered = await render({ file });
    await writeFile(join(admin.folder, 'rendered.yaml'), rendered);
    const applied = await admin.sh('kubectl apply --validate=strict --dry-run=server --filename rendered.yaml');
    expect(applied.match(/ created \(server dry run\)$/gm)).toHaveLength(manifestsIn(rendered).length);
  });
});

function templateIn(rendered: string): string {
  return JSON.stringify(manifestsIn(rendered).find(({ kind }) => kind === 'DaemonSet')?.spec?.['template']);
}

/** Paths of maps and lists without anything in them, and of nulls. */
function emptyKeys(value: unknown, path: string): readonly string[] {
  if (value === null) return [path];
  if (typeof value !== 'object') return [];
  const entries = Object.entries(value);
  return entries.length === 0 ? [path] : entries.flatMap(([key, inner]) => emptyKeys(inner, `${path}.${key}`));
}

/** As the kubelet makes it, with what it adds to each container. */
function environmentIn(manifests: Parameters<typeof containerOf>[0]): Environment {
  const environment: Record<string, string> = { KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '443' };
  const fields: Readonly<Record<string, string>> = { 'spec.nodeName': 'this-node', 'status.podIP': '10.0.0.7' };
  for (const { name, value, valueFrom } of containerOf(manifests).env) {
    const text = value ?? fields[valueFrom?.fieldRef.fieldPath ?? ''];
    const expanded = text?.replaceAll(/\$\((\w+)\)/g, (whole, other: string) => environment[other] ?? whole);
    if (expanded !== undefined) environment[name] = expanded;
  }
  return environment;
}
