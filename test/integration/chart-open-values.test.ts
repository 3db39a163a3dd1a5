/** What of the values the schema leaves open: all of it is told in the chart's README, and Kubernetes itself refuses nonsense in it. */
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { chartFolder } from '../support/chart.ts';
import { startChartCluster } from '../support/chart-cluster.ts';
import type { Admin } from '../support/install/admin.ts';
import type { Schema } from '../support/schema-rules.ts';

const any = { nonsense: true };
const more = { name: 'more', emptyDir: {} };

/** Path of each open object → values with nonsense in it. */
const open: Readonly<Record<string, object>> = {
  'affinity.nodeAffinity': { affinity: { nodeAffinity: any } },
  'affinity.podAffinity': { affinity: { podAffinity: any } },
  'affinity.podAntiAffinity': { affinity: { podAntiAffinity: any } },
  'extraEnv[].valueFrom': { extraEnv: [{ name: 'A', valueFrom: any }] },
  'extraEnvFrom[].configMapRef': { extraEnvFrom: [{ configMapRef: any }] },
  'extraEnvFrom[].secretRef': { extraEnvFrom: [{ secretRef: any }] },
  'extraVolumes[]': { extraVolumes: [{ ...more, ...any }] },
  'extraVolumeMounts[]': { extraVolumes: [more], extraVolumeMounts: [{ name: 'more', mountPath: '/more', ...any }] },
  'networkPolicy.from[].podSelector': { networkPolicy: { enabled: true, from: [{ podSelector: any }] } },
  'networkPolicy.from[].namespaceSelector': { networkPolicy: { enabled: true, from: [{ namespaceSelector: any }] } },
  'networkPolicy.from[].ipBlock': { networkPolicy: { enabled: true, from: [{ ipBlock: any }] } },
  'networkPolicy.extraEgress[]': { networkPolicy: { enabled: true, extraEgress: [any] } },
};

let admin: Admin;

beforeAll(async () => {
  admin = await startChartCluster();
});

afterAll(() => admin?.[Symbol.asyncDispose]());

test('all other objects are closed', () => {
  const schema: Schema = JSON.parse(readFileSync(join(chartFolder, 'values.schema.json'), 'utf8'));
  expect(openObjects(schema, '').toSorted()).toEqual([...Object.keys(open), 'global'].toSorted());
});

test('the README names each', () => {
  const readme = readFileSync(join(chartFolder, 'README.md'), 'utf8');
  const [paragraph = ''] = /^Left open by the schema[^]*?\n\n/m.exec(readme) ?? [];
  const named = Array.from(paragraph.matchAll(/`([^`]+)`/g), ([, path = '']) => path);
  expect(named.toSorted()).toEqual([...Object.keys(open), 'global'].toSorted());
});

test.each(Object.entries(open))('Kubernetes refuses nonsense in %s', async (path, values) => {
  await writeFile(join(admin.folder, 'values.yaml'), stringify(values));
  const namespace = path.toLowerCase().replaceAll(/\W+/g, '');
  const files = '--values charts/podgauge/ci/minimal-values.yaml --values values.yaml';
  const installed = admin.sh(`helm install podgauge charts/podgauge --namespace ${namespace} --create-namespace ${files}`);
  await expect(installed).rejects.toThrow(/nonsense: field not declared in schema|unknown field .*nonsense/);
});

/** Paths of objects that may have any name in them: neither a set of names that is closed, nor a map whose values have a type. */
function openObjects(schema: Schema, path: string): readonly string[] {
  const { type, properties = {}, additionalProperties, items } = schema;
  const inside = Object.entries(properties).flatMap(([name, inner]) =>
    openObjects(inner, path === '' ? name : `${path}.${name}`),
  );
  const inItems = items === undefined ? [] : openObjects(items, `${path}[]`);
  const inMap = typeof additionalProperties === 'object' ? openObjects(additionalProperties, `${path}.*`) : [];
  const isOpen = [type].flat().includes('object') && (additionalProperties === undefined || additionalProperties === true);
  return [...(isOpen ? [path] : []), ...inside, ...inItems, ...inMap];
}
