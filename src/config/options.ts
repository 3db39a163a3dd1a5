/** The one table of options. The help, docs/options.md and all three layers of the configuration come from it. */
import { collectorNames } from '../metrics/collectors.ts';
import { bytes, duration, integer, listen, listOf, name, oneOf, output, path, period, token, url } from './kinds.ts';
import type { Option } from './option.ts';
import { podOptions } from './pod-options.ts';

/** By the option's key in the config file, where a dot stands for nesting; the Helm chart's values have the same names. */
export const options = {
  config: {
    flag: '--config',
    env: 'PODGAUGE_CONFIG',
    kind: path,
    otherwise: 'no file',
    help: 'config file, YAML or JSON; environment variables and flags go before what it says',
    notInFile: true,
  },
  source: {
    flag: '--source',
    env: 'PODGAUGE_SOURCE',
    kind: oneOf(['auto', 'kubernetes', 'cgroup']),
    default: 'auto',
    help:
      'where pods are learned from: the API server, or the cgroup tree alone (pods by UID, and the slices and services of the ' +
      'host); auto: kubernetes in a cluster or with a kubeconfig named, else cgroup',
  },
  kubeconfig: {
    flag: '--kubeconfig',
    env: 'KUBECONFIG',
    kind: path,
    otherwise: 'the service account of the pod',
    help: 'kubeconfig to reach the API server with from outside a cluster',
  },
  serviceAccountDir: {
    flag: '--service-account-dir',
    env: 'PODGAUGE_SERVICE_ACCOUNT_DIR',
    kind: path,
    default: '/var/run/secrets/kubernetes.io/serviceaccount',
    help: 'directory with the token and the ca.crt of the service account',
  },
  apiIdleLimit: {
    flag: '--api-idle-limit',
    env: 'PODGAUGE_API_IDLE_LIMIT',
    kind: duration('1s', '1h'),
    default: '150s',
    help: 'a connection on which the API server sends nothing for this long is given up',
  },
  stateDir: {
    flag: '--state-dir',
    env: 'PODGAUGE_STATE_DIR',
    kind: path,
    otherwise: 'none: nothing is kept',
    help:
      'directory that outlives the process, in which the names of the pods are kept for a start while the API server is away; ' +
      "no other podgauge's",
  },
  nodeName: {
    flag: '--node-name',
    env: 'NODE_NAME',
    kind: name,
    otherwise: 'the name of the host',
    help: 'name of this node: its pods are watched, and it is the tag node',
  },
  clusterName: {
    flag: '--cluster-name',
    env: 'CLUSTER_NAME',
    kind: name,
    default: 'default',
    help: 'tag cluster; two releases that write to one bucket need two names',
  },
  period: {
    flag: '--period',
    env: 'PODGAUGE_PERIOD',
    kind: period('100ms', '1h'),
    default: '10s',
    help: 'time between collections',
  },
  collectors: {
    flag: '--collectors',
    env: 'PODGAUGE_COLLECTORS',
    kind: listOf(collectorNames),
    default: collectorNames.join(','),
    help: 'what to collect',
  },
  fileSystems: {
    flag: '--file-systems',
    env: 'PODGAUGE_FILE_SYSTEMS',
    kind: oneOf(['none', 'kubelet', 'walk']),
    default: 'none',
    help:
      "where sizes of writable layers, logs and volumes come from: the kubelet's Summary API (needs the right nodes/stats), or a walk " +
      'through the files (needs CAP_DAC_READ_SEARCH); both cost more than all else, and none is the default',
  },
  fileSystemsPeriod: {
    flag: '--file-systems-period',
    env: 'PODGAUGE_FILE_SYSTEMS_PERIOD',
    kind: duration('1s', '1h'),
    default: '60s',
    help: 'time between two looks at the file systems',
  },
  kubeletCaFile: {
    flag: '--kubelet-ca-file',
    env: 'PODGAUGE_KUBELET_CA_FILE',
    kind: path,
    otherwise: 'ca.crt of the service account',
    help: "CA that signed the kubelet's serving certificate, PEM; read again when it changes",
  },
  kubeletInsecure: {
    flag: '--kubelet-insecure',
    env: 'PODGAUGE_KUBELET_INSECURE',
    kind: oneOf(['true', 'false']),
    default: 'false',
    help: "whether any certificate of the kubelet is taken: whoever answers at this node's address gets the service account's token",
  },
  hostRoot: {
    flag: '--host-root',
    env: 'PODGAUGE_HOST_ROOT',
    kind: path,
    otherwise: 'the root of process 1',
    help: "where the host's root directory is mounted, for the walk through its files",
  },
  ...podOptions,
  concurrency: {
    flag: '--concurrency',
    env: 'PODGAUGE_CONCURRENCY',
    kind: integer(1, 256),
    default: '8',
    help: 'pods read at once',
  },
  procRoot: {
    flag: '--proc-root',
    env: 'PODGAUGE_PROC_ROOT',
    kind: path,
    default: '/proc',
    help: 'where the proc file system of the host is mounted',
  },
  cgroupRoot: {
    flag: '--cgroup-root',
    env: 'PODGAUGE_CGROUP_ROOT',
    kind: path,
    default: '/sys/fs/cgroup',
    help: 'where the cgroup file systems of the host are mounted',
  },
  maxDescriptors: {
    flag: '--max-descriptors',
    env: 'PODGAUGE_MAX_DESCRIPTORS',
    kind: integer(0, 65_536),
    default: '4096',
    help: 'files of cgroups kept open between collections; the rest are opened for each read',
  },
  output: {
    flag: '--output',
    env: 'PODGAUGE_OUTPUT',
    kind: output,
    otherwise: 'influxdb when a URL is set, else stdout',
    help: 'where points go, as line protocol',
  },
  'influxdb.url': {
    flag: '--influx-url',
    env: 'INFLUX_URL',
    kind: url,
    help: 'address of InfluxDB 2',
  },
  'influxdb.org': {
    flag: '--influx-org',
    env: 'INFLUX_ORG',
    kind: name,
    help: 'organization, by name or id',
  },
  'influxdb.bucket': {
    flag: '--influx-bucket',
    env: 'INFLUX_BUCKET',
    kind: name,
    help: 'bucket, by name or id',
  },
  'influxdb.tokenFile': {
    flag: '--influx-token-file',
    env: 'INFLUX_TOKEN_FILE',
    kind: path,
    help: 'file with the token; read again when it changes',
  },
  'influxdb.token': {
    env: 'INFLUX_TOKEN',
    kind: token,
    help: 'the token itself, where a file is not possible',
    notInFile: true,
    secret: true,
  },
  'influxdb.caFile': {
    flag: '--influx-ca-file',
    env: 'INFLUX_CA_FILE',
    kind: path,
    otherwise: 'the CAs of Node.js',
    help: 'private CA of InfluxDB, PEM',
  },
  'influxdb.certFile': {
    flag: '--influx-cert-file',
    env: 'INFLUX_CERT_FILE',
    kind: path,
    help: 'client certificate, PEM',
  },
  'influxdb.keyFile': {
    flag: '--influx-key-file',
    env: 'INFLUX_KEY_FILE',
    kind: path,
    help: 'key of the client certificate, PEM',
  },
  queueMaxBytes: {
    flag: '--queue-max-bytes',
    env: 'PODGAUGE_QUEUE_MAX_BYTES',
    kind: bytes('1MiB', '16GiB'),
    default: '64MiB',
    help: 'most compressed points that wait in memory for InfluxDB; beyond it the oldest are dropped and counted',
  },
  shutdownTimeout: {
    flag: '--shutdown-timeout',
    env: 'PODGAUGE_SHUTDOWN_TIMEOUT',
    kind: duration('100ms', '5m'),
    default: '5s',
    help: 'time from SIGTERM to the end within which what is queued is still sent',
  },
  listen: {
    flag: '--listen',
    env: 'PODGAUGE_LISTEN',
    kind: listen,
    default: '127.0.0.1:9610',
    help:
      'where /healthz, /readyz and /metrics are served (see self-metrics.md): an IP address and a port, IPv6 in brackets; without ' +
      'an address on all of the host, with port 0 on any that is free; off: nowhere',
  },
  logLevel: {
    flag: '--log-level',
    env: 'LOG_LEVEL',
    kind: oneOf(['debug', 'info', 'warn', 'error']),
    default: 'info',
    help: 'least level that is logged, as JSON lines on stderr',
  },
} as const satisfies Record<string, Option<unknown>>;

export const optionRows: readonly (readonly [key: string, option: Option<unknown>])[] = Object.entries(options);
