/** Several releases beside each other, in one namespace and in two: nothing of one is another's. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { manifestsIn, render, type Manifest } from '../support/chart.ts';
import { startChartCluster } from '../support/chart-cluster.ts';
import { podSpecOf } from '../support/chart-pod.ts';
import type { Admin } from '../support/install/admin.ts';
import { changesBetween, objectsOf, steadyObjectsOf } from '../support/install/objects.ts';

interface Release {
  readonly release: string;
  readonly namespace: string;
  /** What its pods may write to on a node. */
  readonly directory: string;
}

/** All that the chart can make and can take of a node, under the names that it gives by itself. */
const values = {
  ...{ nameOverride: '', fullnameOverride: '', namespaceOverride: '' },
  ...{ serviceAccount: { name: '' }, state: { hostPath: { path: '' } }, securityContextConstraints: { create: true } },
};

const pairs: readonly { readonly what: string; readonly one: Release; readonly other: Release }[] = [
  {
    what: 'two in one namespace',
    one: { release: 'one', namespace: 'stats', directory: '/var/lib/podgauge/stats.one-podgauge' },
    other: { release: 'two', namespace: 'stats', directory: '/var/lib/podgauge/stats.two-podgauge' },
  },
  {
    what: 'podgauge and one whose name is that of a pod of it',
    one: { release: 'podgauge', namespace: 'stats', directory: '/var/lib/podgauge/stats.podgauge' },
    other: { release: 'podgauge-check', namespace: 'stats', directory: '/var/lib/podgauge/stats.podgauge-check' },
  },
  {
    what: 'one name in two namespaces',
    one: { release: 'podgauge', namespace: 'one', directory: '/var/lib/podgauge/one.podgauge' },
    other: { release: 'podgauge', namespace: 'two', directory: '/var/lib/podgauge/two.podgauge' },
  },
];

describe.each(pairs)('$what', ({ one, other }) => {
  let first: readonly Manifest[];
  let second: readonly Manifest[];

  beforeAll(async () => {
    first = manifestsIn(await render({ file: 'everything', values, ...one }));
    second = manifestsIn(await render({ file: 'everything', values, ...other }));
  });

  test('have no object in common', () => {
    const names = [...first, ...second].map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`);
    expect(new Set(names).size).toBe(names.length);
    expect(first.map(({ kind }) => kind)).toEqual(second.map(({ kind }) => kind));
  });

  test('select none of each other\u{2019}s pods', () => {
    expect(selectedBy(first, first)).toEqual(['DaemonSet', 'NetworkPolicy', 'PodMonitor', 'Service']);
    expect(selectedBy(first, second)).toEqual([]);
    expect(selectedBy(second, first)).toEqual([]);
  });

  test('write to no directory of a node in common', () => {
    expect([first, second].map(stateOf)).toEqual([one, other].map(({ directory }) => directory));
  });
});

describe('on a real API server', () => {
  let admin: Admin;

  beforeAll(async () => {
    admin = await startChartCluster();
  });

  afterAll(() => admin?.[Symbol.asyncDispose]());

  test('helm installs two in one namespace and one of the same name in another, and takes away two and leaves the third', async () => {
    const chart = 'charts/podgauge --values charts/podgauge/ci/minimal-values.yaml';
    const all = [
      ...['influxdb.token=any', 'podMonitor.enabled=true', 'networkPolicy.enabled=true', 'admissionPolicy.create=true'],
      ...['securityContextConstraints.create=true', 'state.type=hostPath', 'state.hostPath.prepared=true'],
    ];
    const install = (name: string, namespace: string) =>
      admin.sh(`helm install ${name} ${chart} --namespace ${namespace} --create-namespace --set ${all.join()}`);

    await install('one', 'stats');
    const before = await steadyObjectsOf(admin);
    await install('two', 'stats');
    await install('one', 'more');
    const daemonSets = await admin.sh('kubectl get daemonsets --all-namespaces --output=name');
    expect(daemonSets.trim().split('\n').toSorted()).toEqual(
      ['one-podgauge', 'one-podgauge', 'two-podgauge'].map((name) => `daemonset.apps/${name}`),
    );
    expect(changesBetween(before, await objectsOf(admin)).filter((change) => !change.startsWith('came: '))).toEqual([]);

    await admin.sh('helm uninstall two --namespace stats');
    await admin.sh('helm uninstall one --namespace more');
    expect(changesBetween(before, await objectsOf(admin))).toEqual(['came: v1 Namespace /more']);
  });
});

function stateOf(manifests: readonly Manifest[]): string | undefined {
  return podSpecOf(manifests).volumes.find(({ name }) => name === 'state')?.hostPath?.path;
}

/** Kinds of the objects that select a pod of another release, or of their own. */
function selectedBy(manifests: readonly Manifest[], others: readonly Manifest[]): readonly string[] {
  const pods = others.filter(({ kind }) => kind === 'DaemonSet' || kind === 'Pod');
  const selecting = manifests.filter(({ metadata, spec }) => {
    const wanted = labelsIn(spec?.['selector'] ?? spec?.['podSelector']);
    return (
      wanted.length > 0 &&
      pods.some((pod) => {
        const { labels } = Object(pod.spec?.['template']).metadata ?? pod.metadata;
        return pod.metadata.namespace === metadata.namespace && wanted.every(([key, value]) => labels[key] === value);
      })
    );
  });
  return selecting.map(({ kind }) => kind).toSorted();
}

/** Of a selector as it is in most kinds, or in a Service. */
function labelsIn(selector: unknown): readonly [string, unknown][] {
  return Object.entries(Object(Object(selector ?? {}).matchLabels ?? selector ?? {}));
}
