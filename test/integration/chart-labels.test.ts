/** Labels and annotations: those of the values stand beside those of the chart, and take the place of none. */
import { expect, test } from 'vitest';
import { manifestsIn, render, type Manifest } from '../support/chart.ts';

type Texts = Readonly<Record<string, string>>;

interface Metadata {
  /** The kind of an object, or `pods` of the DaemonSet. */
  readonly of: string;
  readonly labels: Texts;
  readonly annotations: Texts;
}

/** Keys that the chart sets, of which an object has some. */
const appLabels = ['name', 'instance', 'component', 'version', 'managed-by'].map((name) => `app.kubernetes.io/${name}`);
const own = ['helm.sh/chart', ...appLabels, 'checksum/config', 'kubectl.kubernetes.io/default-container'];
const labels = theirs('helm.sh/chart', ...appLabels, 'team');
const annotations = theirs('checksum/config', 'kubectl.kubernetes.io/default-container', 'team');

function theirs(...keys: readonly string[]): Texts {
  return Object.fromEntries(keys.map((key) => [key, 'theirs']));
}

test.each([
  { what: 'commonLabels', values: { commonLabels: labels }, reached: undefined },
  { what: 'podMonitor.labels', values: { podMonitor: { labels } }, reached: ['PodMonitor'] },
  { what: 'podMetadata.labels', values: { podMetadata: { labels } }, reached: ['pods'] },
  { what: 'podMetadata.annotations', values: { podMetadata: { annotations } }, reached: ['pods'] },
])('$what stand beside those of the chart, and take the place of none', async ({ values, reached }) => {
  // A key that is there twice does not get through `manifestsIn`.
  const [plain, changed] = [await manifestsWith({}), await manifestsWith(values)];
  const after = metadataIn(changed);
  for (const [i, before] of metadataIn(plain).entries()) {
    expect(after[i]?.labels, before.of).toMatchObject(ownOf(before.labels));
    expect(after[i]?.annotations, before.of).toMatchObject(ownOf(before.annotations));
  }
  const have = after.filter((one) => one.labels['team'] === 'theirs' || one.annotations['team'] === 'theirs');
  expect(have.map((one) => one.of)).toEqual(reached ?? after.map((one) => one.of));
  expect(selectorsIn(changed)).toEqual(selectorsIn(plain));
  expect(selectorsIn(plain)).toHaveLength(4);
});

test('a release whose name is a number has texts for labels', async () => {
  for (const one of metadataIn(manifestsIn(await render({ file: 'minimal', release: '2026' }))))
    expect(one.labels, one.of).toMatchObject({ 'app.kubernetes.io/instance': '2026' });
});

async function manifestsWith(values: object): Promise<readonly Manifest[]> {
  return manifestsIn(await render({ file: 'everything', values }));
}

function metadataIn(manifests: readonly Manifest[]): readonly Metadata[] {
  return manifests.flatMap(({ kind, metadata, spec }) => {
    const object = metadataOf(kind, metadata);
    return kind === 'DaemonSet' ? [object, metadataOf('pods', Object(spec?.['template']).metadata)] : [object];
  });
}

function metadataOf(of: string, metadata: Readonly<Record<string, unknown>>): Metadata {
  return { of, labels: Object(metadata['labels'] ?? {}), annotations: Object(metadata['annotations'] ?? {}) };
}

function ownOf(texts: Texts): Texts {
  return Object.fromEntries(Object.entries(texts).filter(([key]) => own.includes(key)));
}

/** Of the DaemonSet, the Service, the PodMonitor and the NetworkPolicy. */
function selectorsIn(manifests: readonly Manifest[]): readonly unknown[] {
  return manifests.map(({ spec }) => spec?.['selector'] ?? spec?.['podSelector']).filter((one) => one !== undefined);
}
