/** Every option through every layer: a good value arrives, a bad one is refused with the place it stands in. */
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import type { Config } from '../../../src/config/config.ts';
import { optionRows } from '../../../src/config/options.ts';
import { load, refusal } from './load.ts';
import type { Layers } from './load.ts';

interface Case {
  readonly good: string;
  /** What of the configuration the value decides, and how it arrives there. */
  readonly read: (config: Config) => unknown;
  readonly expected: unknown;
  /** What every text is good for has no bad value of its own. */
  readonly bad?: string;
  /** What a good value cannot do without. */
  readonly with?: Readonly<Record<string, string>>;
}

const influxdb = { INFLUX_URL: 'https://influx.example', INFLUX_ORG: 'org', INFLUX_BUCKET: 'bucket' };
const output =
  (key: string) =>
  (config: Config): unknown =>
    new Map<string, unknown>(Object.entries(config.output)).get(key);
const tooLong = 'n'.repeat(254);

/** By the option's key. `config` itself is below. */
const cases: Readonly<Record<string, Case>> = {
  source: { good: 'cgroup', read: ({ source }) => source, expected: { kind: 'cgroup' }, bad: 'kubernets' },
  kubeconfig: {
    good: '/home/a/.kube/config',
    read: ({ source }) => source,
    expected: { kind: 'kubernetes', access: { kind: 'kubeconfig', path: '/home/a/.kube/config' }, idleLimitMs: 150_000 },
    with: { NODE_NAME: 'n1' },
  },
  serviceAccountDir: {
    good: '/run/sa/',
    read: ({ source }) => source,
    expected: { kind: 'kubernetes', access: { kind: 'in-cluster', serviceAccountDir: '/run/sa' }, idleLimitMs: 150_000 },
    with: { KUBERNETES_SERVICE_HOST: '10.0.0.1' },
  },
  apiIdleLimit: {
    good: '2m',
    read: ({ source }) => source,
    expected: {
      kind: 'kubernetes',
      access: { kind: 'in-cluster', serviceAccountDir: '/var/run/secrets/kubernetes.io/serviceaccount' },
      idleLimitMs: 120_000,
    },
    with: { KUBERNETES_SERVICE_HOST: '10.0.0.1' },
    bad: '999ms',
  },
  nodeName: { good: 'n1.example', read: ({ nodeName }) => nodeName, expected: 'n1.example', bad: tooLong },
  clusterName: { good: '007', read: ({ clusterName }) => clusterName, expected: '007', bad: tooLong },
  period: { good: '500ms', read: ({ periodMs }) => periodMs, expected: 500, bad: '10' },
  collectors: { good: 'network,cpu', read: ({ collectors }) => collectors, expected: ['cpu', 'network'], bad: 'cpu,cpu' },
  concurrency: { good: '16', read: ({ concurrency }) => concurrency, expected: 16, bad: '0' },
  procRoot: { good: '/host/proc/', read: ({ host }) => host.procRoot, expected: '/host/proc' },
  cgroupRoot: { good: '/host/cgroup', read: ({ host }) => host.cgroupRoot, expected: '/host/cgroup' },
  maxDescriptors: { good: '0', read: ({ host }) => host.maxDescriptors, expected: 0, bad: '65537' },
  output: {
    good: 'file:/tmp/a b.lp',
    read: (config) => config.output,
    expected: { kind: 'file', path: '/tmp/a b.lp' },
    bad: 'file:',
  },
  'influxdb.url': {
    good: 'http://influx.example:8086/base/',
    read: output('url'),
    expected: 'http://influx.example:8086/base',
    with: { INFLUX_ORG: 'org', INFLUX_BUCKET: 'bucket' },
    bad: 'influx.example:8086',
  },
  'influxdb.org': {
    good: 'my org',
    read: output('org'),
    expected: 'my org',
    with: { INFLUX_URL: 'https://a', INFLUX_BUCKET: 'b' },
    bad: tooLong,
  },
  'influxdb.bucket': {
    good: 'k8s',
    read: output('bucket'),
    expected: 'k8s',
    with: { INFLUX_URL: 'https://a', INFLUX_ORG: 'o' },
    bad: tooLong,
  },
  'influxdb.tokenFile': {
    good: '/run/token',
    read: output('token'),
    expected: { kind: 'file', path: '/run/token' },
    with: influxdb,
  },
  'influxdb.token': {
    good: 'abc==',
    read: ({ output: { kind, ...rest } }) =>
      'token' in rest && rest.token?.kind === 'environment' ? [kind, rest.token.reveal()] : rest,
    expected: ['influxdb', 'abc=='],
    with: influxdb,
    bad: 'two words',
  },
  'influxdb.caFile': { good: '/run/ca.crt', read: output('caFile'), expected: '/run/ca.crt', with: influxdb },
  'influxdb.certFile': {
    good: '/run/tls.crt',
    read: output('certFile'),
    expected: '/run/tls.crt',
    with: { ...influxdb, INFLUX_KEY_FILE: '/run/tls.key' },
  },
  'influxdb.keyFile': {
    good: '/run/tls.key',
    read: output('keyFile'),
    expected: '/run/tls.key',
    with: { ...influxdb, INFLUX_CERT_FILE: '/run/tls.crt' },
  },
  queueMaxBytes: { good: '1Gi', read: ({ queueMaxBytes }) => queueMaxBytes, expected: 1_073_741_824, bad: '1000' },
  shutdownTimeout: { good: '1m', read: ({ shutdownTimeoutMs }) => shutdownTimeoutMs, expected: 60_000, bad: '6m' },
  logLevel: { good: 'debug', read: ({ logLevel }) => logLevel, expected: 'debug', bad: 'DEBUG' },
};

test('every option has a case here', () => {
  expect(Object.keys(cases)).toEqual(optionRows.map(([key]) => key).filter((key) => key !== 'config'));
});

/** The ways to set one option to `text`, with the place that a message names. */
function waysOf(key: string, text: string): { where: string; layers: Layers }[] {
  const [, option] = optionRows.find(([one]) => one === key) ?? [];
  if (option === undefined) throw new Error(`No option ${key}`);
  const ways: { where: string; layers: Layers }[] = [
    { where: `variable ${option.env}`, layers: { env: { [option.env]: text } } },
  ];
  if (option.flag !== undefined) {
    ways.push({ where: `flag ${option.flag}`, layers: { argv: [option.flag, text] } });
    ways.push({ where: `flag ${option.flag}`, layers: { argv: [`${option.flag}=${text}`] } });
  }
  if (!option.notInFile) {
    const [outer = '', inner] = key.split('.');
    const content = inner === undefined ? { [outer]: text } : { [outer]: { [inner]: text } };
    const where = `key ${key} of config file "/etc/podgauge.yaml"`;
    ways.push({ where, layers: { file: stringify(content) } }, { where, layers: { file: JSON.stringify(content) } });
  }
  return ways;
}

describe.each(Object.entries(cases))('%s', (key, { good, bad, read, expected, with: others = {} }) => {
  test('arrives from every layer', async () => {
    for (const { layers } of waysOf(key, good)) {
      expect(read(await load({ ...layers, env: { ...others, ...layers.env } }))).toEqual(expected);
    }
  });

  test('is refused in one line that names the layer', async () => {
    for (const { where, layers } of waysOf(key, bad ?? 'two\nlines')) {
      const message = await refusal({ ...layers, env: { ...others, ...layers.env } });
      expect(message).toMatch(/^Cannot use .+ of .+: set .+$/);
      expect(message).toContain(` of ${where}: set `);
    }
  });
});

test('flags go before the environment, the environment before the file, the file before defaults', async () => {
  const file = 'period: 20s\nclusterName: file\nlogLevel: error\n';
  const env = { PODGAUGE_PERIOD: '30s', CLUSTER_NAME: 'environment' };
  const { periodMs, clusterName, logLevel, concurrency } = await load({ argv: ['--period=40s'], env, file });
  expect({ periodMs, clusterName, logLevel, concurrency }).toEqual({
    periodMs: 40_000,
    clusterName: 'environment',
    logLevel: 'error',
    concurrency: 8,
  });
});

test('a bad value does no harm below a good one', async () => {
  expect((await load({ argv: ['--log-level', 'warn'], env: { LOG_LEVEL: 'NOTICE' } })).logLevel).toBe('warn');
});

test('a bad value is refused even where nothing needs it', async () => {
  expect(await refusal({ argv: ['--output', 'stdout', '--influx-url', 'ftp://influx.example'] })).toBe(
    'Cannot use "ftp://influx.example" of flag --influx-url: set an http:// or https:// address without user, query or fragment, ' +
      'such as https://influxdb.example:8086',
  );
});

test('without any setting the defaults hold', async () => {
  expect(await load({})).toEqual({
    source: { kind: 'cgroup' },
    nodeName: 'worker-1',
    clusterName: 'default',
    periodMs: 10_000,
    collectors: ['cpu', 'memory', 'pids', 'network'],
    concurrency: 8,
    host: { procRoot: '/proc', cgroupRoot: '/sys/fs/cgroup', maxDescriptors: 4096 },
    output: { kind: 'stdout' },
    queueMaxBytes: 67_108_864,
    shutdownTimeoutMs: 5000,
    logLevel: 'info',
    warnings: [],
  });
});

test('nothing of it can be changed afterwards', async () => {
  const config = await load({ env: influxdb });
  for (const part of [config, config.source, config.host, config.output, config.collectors, config.warnings]) {
    expect(Object.isFrozen(part)).toBe(true);
  }
});
