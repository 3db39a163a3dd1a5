/** What the chart tells whoever installed it, and what it warns of. On a real API server: some of it goes by what a cluster knows. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { startChartCluster } from '../support/chart-cluster.ts';
import { sentencesIn, untried } from '../support/chart-sentences.ts';
import type { Admin } from '../support/install/admin.ts';

interface Case {
  readonly values: object;
  /** As the sentence begins. */
  readonly says: string;
}

const influxdb = { url: 'https://influxdb.example:8086', org: 'my-org', bucket: 'k8s', existingSecret: 'influxdb' };
const quiet = { influxdb, clusterName: 'staging' };

const warnings: readonly Case[] = [
  { values: { influxdb: { existingSecret: '' } }, says: 'InfluxDB gets no token and will refuse every point' },
  {
    values: { influxdb: { existingSecret: '', token: 'a' } },
    says: 'The token is also in the values that Helm keeps in the cluster',
  },
  { values: { influxdb: { url: 'http://a' } }, says: 'The token travels unencrypted: use an https:// address' },
  { values: { clusterName: 'default' }, says: 'clusterName is default: another cluster' },
  { values: { kubeletInsecure: true }, says: "The kubelet's certificate is not verified" },
  {
    values: { rbac: { create: false } },
    says: 'No rights were given: bind the rules of docs/rights.md to the service account podgauge',
  },
  {
    values: { podMonitor: { enabled: true }, networkPolicy: { enabled: true } },
    says: 'The NetworkPolicy shuts Prometheus out: set networkPolicy.from',
  },
  { values: { resources: { limits: null } }, says: 'There is no limit of memory: set resources.limits.memory' },
  { values: { resources: { limits: { cpu: 1, memory: null } } }, says: 'There is no limit of memory: set' },
  { values: { resources: null }, says: 'There is no limit of memory: set resources.limits.memory' },
  { values: memory('127Mi', '1MiB'), says: 'Below 128Mi of memory Node.js thrashes: set resources.limits.memory' },
  { values: memory('130M', '1MiB'), says: 'Below 128Mi of memory Node.js thrashes: set resources.limits.memory' },
  { values: memory('0.1Gi', '1MiB'), says: 'Below 128Mi of memory Node.js thrashes: set resources.limits.memory' },
  { values: memory('128Mi', '33MiB'), says: 'A full queue does not fit below the limit of memory: set' },
  { values: memory('128Mi', '64MiB'), says: 'A full queue does not fit below the limit of memory: set' },
  { values: memory('1.5Gi', '2G'), says: 'A full queue does not fit below the limit of memory: set' },
];

const silences: readonly object[] = [
  {},
  { podMonitor: { enabled: true } },
  { podMonitor: { enabled: true }, networkPolicy: { enabled: true, from: [{ podSelector: {} }] } },
  { networkPolicy: { enabled: true } },
  memory('128Mi', '32MiB'),
  memory('192Mi', '96MiB'),
  memory('1Gi', '512MiB'),
  memory('2e8', '32MiB'),
  memory(200_000_000, '32MiB'),
];

function memory(limit: string | number, queueMaxBytes: string): object {
  return { resources: { limits: { memory: limit } }, queueMaxBytes };
}

let admin: Admin;

beforeAll(async () => {
  admin = await startChartCluster();
});

afterAll(() => admin?.[Symbol.asyncDispose]());

test('they tell what was installed, what it writes where, and how to see it work', async () => {
  expect(await notesWith({ ...quiet, period: '2s' })).toBe(
    [
      'podgauge 0.1.0 (registry.example/podgauge:0.1.0) is installed: a DaemonSet podgauge in namespace kube-stats, one pod a node.',
      '',
      'Every 2s each of them writes what its node\'s pods use to bucket "k8s" of organization "my-org" at',
      'https://influxdb.example:8086, with the tag cluster=staging.',
      '',
      'See it work:',
      '',
      '  kubectl --namespace kube-stats rollout status daemonset/podgauge',
      '  helm --namespace kube-stats test podgauge',
      '',
      "The pods see the host's processes and cgroups, so a namespace with Pod Security has to allow it:",
      '',
      '  kubectl label namespace kube-stats pod-security.kubernetes.io/enforce=privileged',
      '',
    ].join('\n'),
  );
});

test.each(warnings)('they warn: $says, with $values', async ({ values, says }) => {
  const lines = warningsIn(await notesWith({ ...quiet, ...values, influxdb: { ...influxdb, ...Object(values).influxdb } }));
  expect(lines.filter((line) => line.startsWith(says))).toHaveLength(1);
});

test.each(silences)('they warn of nothing with %j', async (values) => {
  expect(warningsIn(await notesWith({ ...quiet, ...values }))).toEqual([]);
});

test('they do not warn of anything that is not tried here', () => {
  expect(untried(sentencesIn('NOTES.txt', 'warnings'), warnings)).toEqual([]);
});

function warningsIn(notes: string): readonly string[] {
  return notes.split('\n').flatMap((line) => (line.startsWith('WARNING: ') ? [line.replace('WARNING: ', '')] : []));
}

async function notesWith(values: object): Promise<string> {
  await writeFile(join(admin.folder, 'values.yaml'), stringify(values));
  const files = '--values charts/podgauge/ci/minimal-values.yaml --values values.yaml';
  const printed = await admin.sh(`helm install podgauge charts/podgauge --dry-run=server --namespace kube-stats ${files}`);
  const [, notes] = printed.split('\nNOTES:\n');
  if (notes === undefined) throw new Error(`there are no notes in ${printed}`);
  return notes;
}
