/** What the chart refuses, and what it warns of: each rule of the schema and each guard is seen doing so. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { chartFolder, helm, newCluster, template, valuesFile } from '../support/chart.ts';
import { schemaRules, type Schema } from '../support/schema-rules.ts';

const schema: Schema = JSON.parse(readFileSync(join(chartFolder, 'values.schema.json'), 'utf8'));

interface Case {
  readonly values: object;
  /** As the sentence begins. */
  readonly says: string;
  readonly cluster?: readonly string[];
}

const influxdb = { url: 'https://influxdb.example:8086', org: 'my-org', bucket: 'k8s' };

const guards: readonly Case[] = [
  { values: { image: { repository: '' } }, says: 'There is no image: set image.repository' },
  { values: { output: 'file:/points' }, says: 'A pod has no place for a file of points: set output' },
  { values: { influxdb: { url: '' } }, says: 'There is no InfluxDB: set influxdb.url' },
  { values: { influxdb: { org: '' } }, says: 'InfluxDB needs to know where the points belong: set influxdb.org and' },
  { values: { influxdb: { bucket: '' } }, says: 'InfluxDB needs to know where the points belong: set influxdb.org and' },
  { values: { output: 'stdout' }, says: 'Points that go to stdout need no InfluxDB: leave influxdb.url' },
  { values: { influxdb: { token: 'a', existingSecret: 'b' } }, says: 'There are two tokens: set influxdb.token or' },
  {
    values: { influxdb: { ca: { configMap: 'a', secret: 'b' } } },
    says: 'There are two CAs of InfluxDB: set influxdb.ca.configMap or',
  },
  {
    values: { influxdb: { url: 'http://a', ca: { secret: 'b' } } },
    says: 'Certificates are of no use without TLS: set influxdb.url',
  },
  { values: { period: '999ms' }, says: 'A collection every few milliseconds costs every node a lot: set period to 1s or more' },
  { values: { period: '0' }, says: 'A collection every few milliseconds costs every node a lot: set period to 1s or more' },
  { values: { fileSystems: 'walk' }, says: 'A walk through files needs root and CAP_DAC_READ_SEARCH' },
  { values: { fileSystems: 'kubelet' }, says: "The kubelet's certificate has to be verified: set kubeletCa.cluster" },
  {
    values: { kubeletInsecure: true, kubeletCa: { cluster: true } },
    says: 'There is more than one way to trust the kubelet: set only one',
  },
  {
    values: { state: { type: 'hostPath' } },
    says: 'A directory of the host belongs to root: make it on every node (install -d',
  },
  { values: { serviceAccount: { create: false } }, says: 'There is no service account: set serviceAccount.name' },
  {
    values: { podMonitor: { enabled: true } },
    cluster: ['--kube-version', '1.36.0'],
    says: 'The cluster knows no PodMonitor: install the Prometheus Operator first, or set podMonitor.enabled to false',
  },
  {
    values: { securityContextConstraints: { create: true } },
    cluster: ['--kube-version', '1.36.0'],
    says: 'The cluster is no OpenShift: set securityContextConstraints.create to false',
  },
  {
    values: { admissionPolicy: { create: true } },
    cluster: ['--kube-version', '1.29.0'],
    says: 'The cluster knows no ValidatingAdmissionPolicy before Kubernetes 1.30: set admissionPolicy.create to false',
  },
];

const warnings: readonly Case[] = [
  { values: {}, says: 'InfluxDB gets no token and will refuse every point' },
  { values: { influxdb: { token: 'a' } }, says: 'The token is also in the values that Helm keeps in the cluster' },
  {
    values: { influxdb: { url: 'http://a', existingSecret: 'b' } },
    says: 'The token travels unencrypted: use an https:// address',
  },
  { values: {}, says: 'clusterName is default: another cluster' },
  { values: { kubeletInsecure: true }, says: "The kubelet's certificate is not verified" },
  {
    values: { rbac: { create: false } },
    says: 'No rights were given: bind the rules of docs/rights.md to the service account podgauge',
  },
  { values: { resources: { limits: null } }, says: 'There is no limit of memory: set resources.limits.memory' },
];

describe('the schema', () => {
  const rounds = schemaRules(schema);

  test.each(rounds)('refuses what breaks its rules, round $round', async ({ values, complaints }) => {
    const { code, stderr } = await template({ values });
    expect(code).not.toBe(0);
    for (const complaint of complaints) expect(stderr).toMatch(complaint);
  });

  test.each(['0%', '05%', '101%', '10', '-1%', 0])(
    'refuses that %s of the nodes be replaced at once',
    async (maxUnavailable) => {
      const { code, stderr } = await template({ file: 'minimal', values: { updateStrategy: { maxUnavailable } } });
      expect(code).not.toBe(0);
      expect(stderr).toContain("at '/updateStrategy/maxUnavailable': ");
    },
  );

  test.each(['1%', '99%', '100%', 1])('takes that %s of the nodes be replaced at once', async (maxUnavailable) => {
    expect((await template({ file: 'minimal', values: { updateStrategy: { maxUnavailable } } })).code).toBe(0);
  });
});

describe('a guard', () => {
  test.each(guards)('says: $says', async ({ values, cluster = newCluster, says }) => {
    const { code, stderr } = await template({ file: 'minimal', values, cluster });
    expect(code).not.toBe(0);
    expect(stderr).toContain(`  - ${says}`);
  });

  test('holds without the schema', async () => {
    const args = ['template', 'podgauge', chartFolder, '--skip-schema-validation', '--set', 'influxdb.token=a'];
    const { stderr } = await helm([...args, '--set', 'influxdb.existingSecret=b', '--set', 'period=10ms']);
    expect(stderr.match(/^ {2}- /gm)).toHaveLength(4);
  });

  test('is not without its case here', () => {
    expectAll(sentencesIn('_validate.tpl', 'problems'), guards);
  });

  test('ends in a sentence that says what to set', () => {
    for (const sentence of sentencesIn('_validate.tpl', 'problems')) expect(sentence).toMatch(/ (?:set|leave) [a-z]\w+/);
  });

  test('refuses a cluster that is too old', async () => {
    const { stderr } = await template({ file: 'minimal', cluster: ['--kube-version', '1.24.0'] });
    expect(stderr).toContain('chart requires kubeVersion: >=1.25.0-0 which is incompatible with Kubernetes v1.24.0');
  });
});

describe('the notes', () => {
  test('tell what was installed, what it writes where, and how to see it work', async () => {
    const notes = await notesWith({ influxdb: { existingSecret: 'influxdb' }, clusterName: 'staging', period: '2s' });
    expect(notes).toBe(
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

  test.each(warnings)('warn: $says', async ({ values, says }) => {
    expect(await notesWith(values)).toContain(`WARNING: ${says}`);
  });

  test('do not warn of anything that is not tried here', () => {
    expectAll(sentencesIn('NOTES.txt', 'warnings'), warnings);
  });
});

/** Every sentence of a template's list, formatted ones up to their first gap. */
function sentencesIn(file: string, list: string): readonly string[] {
  const text = readFileSync(join(chartFolder, 'templates', file), 'utf8');
  const matches = text.matchAll(new RegExp(String.raw`append \$${list} (?:\(printf )?"([^"]*)"`, 'g'));
  const sentences = Array.from(matches, ([, sentence = '']) => sentence.replace(/%s.*$/, ''));
  expect(sentences).toHaveLength(text.split(`append $${list}`).length - 1);
  return sentences;
}

function expectAll(sentences: readonly string[], cases: readonly Case[]): void {
  expect(
    sentences.filter((sentence) => !cases.some(({ says }) => says.startsWith(sentence) || sentence.startsWith(says))),
  ).toEqual([]);
}

async function notesWith(values: object): Promise<string> {
  const merged = stringify({ ...values, influxdb: { ...influxdb, ...('influxdb' in values ? Object(values.influxdb) : {}) } });
  const args = ['install', 'podgauge', chartFolder, '--dry-run=client', '--namespace', 'kube-stats'];
  const { stdout, stderr } = await helm([...args, '--values', valuesFile('minimal'), '--values', '-'], merged);
  const [, notes] = stdout.split('\nNOTES:\n');
  if (notes === undefined) throw new Error(stderr);
  return notes;
}
