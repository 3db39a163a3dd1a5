/** For each option a good value, what comes of it, and a bad one. */
import type { Config } from '../../../src/config/config.ts';

export interface Case {
  readonly good: string;
  /** What of the configuration the value decides, and how it arrives there. */
  readonly read: (config: Config) => unknown;
  readonly expected: unknown;
  /** What every text is good for has no bad value of its own. */
  readonly bad?: string;
  /** What a good value cannot do without. */
  readonly with?: Readonly<Record<string, string>>;
}

export const influxdb = { INFLUX_URL: 'https://influx.example', INFLUX_ORG: 'org', INFLUX_BUCKET: 'bucket' };
const output =
  (key: string) =>
  (config: Config): unknown =>
    new Map<string, unknown>(Object.entries(config.output)).get(key);
const serviceAccount = '/var/run/secrets/kubernetes.io/serviceaccount';
const kubelet = { kind: 'kubelet', periodMs: 60_000, tokenFile: `${serviceAccount}/token` };
const tooLong = 'n'.repeat(254);

/** By the option's key. `config` itself is below. */
export const cases: Readonly<Record<string, Case>> = {
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
      access: { kind: 'in-cluster', serviceAccountDir: serviceAccount },
      idleLimitMs: 120_000,
    },
    with: { KUBERNETES_SERVICE_HOST: '10.0.0.1' },
    bad: '999ms',
  },
  stateDir: {
    good: '/var/lib/podgauge/',
    read: ({ source }) => source,
    expected: {
      kind: 'kubernetes',
      access: { kind: 'in-cluster', serviceAccountDir: serviceAccount },
      idleLimitMs: 150_000,
      stateDir: '/var/lib/podgauge',
    },
    with: { KUBERNETES_SERVICE_HOST: '10.0.0.1' },
  },
  nodeName: { good: 'n1.example', read: ({ nodeName }) => nodeName, expected: 'n1.example', bad: tooLong },
  clusterName: { good: '007', read: ({ clusterName }) => clusterName, expected: '007', bad: tooLong },
  period: { good: '500ms', read: ({ periodMs }) => periodMs, expected: 500, bad: '10' },
  collectors: { good: 'network,cpu', read: ({ collectors }) => collectors, expected: ['cpu', 'network'], bad: 'cpu,cpu' },
  fileSystems: {
    good: 'walk',
    read: ({ fileSystems }) => fileSystems,
    expected: { kind: 'walk', periodMs: 60_000, hostRoot: '/proc/1/root' },
    bad: 'cadvisor',
  },
  fileSystemsPeriod: {
    good: '5m',
    read: ({ fileSystems }) => fileSystems?.periodMs,
    expected: 300_000,
    with: { PODGAUGE_FILE_SYSTEMS: 'walk' },
    bad: '2h',
  },
  kubeletCaFile: {
    good: '/run/kubelet-ca.crt',
    read: ({ fileSystems }) => fileSystems,
    expected: { ...kubelet, trust: { kind: 'ca', file: '/run/kubelet-ca.crt' } },
    with: { PODGAUGE_FILE_SYSTEMS: 'kubelet', KUBECONFIG: '/k', NODE_NAME: 'n1' },
  },
  kubeletInsecure: {
    good: 'true',
    read: ({ fileSystems }) => fileSystems,
    expected: { ...kubelet, trust: { kind: 'unverified' } },
    with: { PODGAUGE_FILE_SYSTEMS: 'kubelet', KUBECONFIG: '/k', NODE_NAME: 'n1' },
    bad: 'yes',
  },
  hostRoot: {
    good: '/host/',
    read: ({ fileSystems }) => fileSystems,
    expected: { kind: 'walk', periodMs: 60_000, hostRoot: '/host' },
    with: { PODGAUGE_FILE_SYSTEMS: 'walk' },
  },
  namespaces: {
    good: 'team-*, !team-b',
    read: ({ pods }) => pods.namespaces,
    expected: ['team-*', '!team-b'],
    with: { KUBECONFIG: '/k', NODE_NAME: 'n1' },
    bad: 'Team',
  },
  podLabels: {
    good: 'app,example.com/team=team',
    read: ({ pods }) => pods.tags,
    expected: [
      { from: 'label', key: 'app', name: 'app' },
      { from: 'label', key: 'example.com/team', name: 'team' },
    ],
    bad: 'app,app',
  },
  podAnnotations: {
    good: 'example.com/cost-center',
    read: ({ pods }) => pods.tags,
    expected: [{ from: 'annotation', key: 'example.com/cost-center', name: 'example_com_cost_center' }],
    bad: 'a=b=c',
  },
  infoLabels: {
    good: 'version',
    read: ({ pods }) => pods.infoFields,
    expected: [{ from: 'label', key: 'version', name: 'label_version' }],
    bad: '-a',
  },
  infoAnnotations: {
    good: 'example.com/owner=pod',
    read: ({ pods }) => pods.infoFields,
    expected: [{ from: 'annotation', key: 'example.com/owner', name: 'annotation_pod' }],
    bad: 'a,,b',
  },
  allowOptOut: { good: 'true', read: ({ pods }) => pods.optOut, expected: true, bad: 'yes' },
  maxSeries: { good: '0', read: ({ maxSeries }) => maxSeries, expected: 0, bad: '-1' },
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
  listen: {
    good: '[::1]:9611',
    read: ({ listen }) => listen,
    expected: { host: '::1', port: 9611, text: '[::1]:9611', chosen: true },
    bad: '$(POD_IP):9610',
  },
  logLevel: { good: 'debug', read: ({ logLevel }) => logLevel, expected: 'debug', bad: 'DEBUG' },
};
