/** What the chart refuses: each rule of the schema and each guard is seen doing so. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { chartFolder, helm, newCluster, template } from '../support/chart.ts';
import { sentencesIn, untried } from '../support/chart-sentences.ts';
import { schemaRules, type Schema } from '../support/schema-rules.ts';

const schema: Schema = JSON.parse(readFileSync(join(chartFolder, 'values.schema.json'), 'utf8'));

interface Case {
  readonly values: object;
  /** As the sentence begins. */
  readonly says: string;
  readonly cluster?: readonly string[];
}

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
    says: 'A directory of the host belongs to root: make it on every node (install -d -o 19610 -g 19610 -m 0700 /var/lib/podgauge/podgauge.podgauge)',
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
    expect(untried(sentencesIn('_validate.tpl', 'problems'), guards)).toEqual([]);
  });

  test('ends in a sentence that says what to set', () => {
    for (const sentence of sentencesIn('_validate.tpl', 'problems')) expect(sentence).toMatch(/ (?:set|leave) [a-z]\w+/);
  });

  test('refuses a cluster that is too old', async () => {
    const { stderr } = await template({ file: 'minimal', cluster: ['--kube-version', '1.24.0'] });
    expect(stderr).toContain('chart requires kubeVersion: >=1.25.0-0 which is incompatible with Kubernetes v1.24.0');
  });
});
