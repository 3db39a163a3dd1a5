/** What does not fit together, what is only worth a warning, and input that means harm. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../../src/config/error.ts';
import { optionRows } from '../../../src/config/options.ts';
import { load, refusal } from './load.ts';
import type { Layers } from './load.ts';

const influxdb = { INFLUX_URL: 'https://influx.example', INFLUX_ORG: 'org', INFLUX_BUCKET: 'bucket' };

describe('contradictions', () => {
  const contradictions: readonly (readonly [Layers, string])[] = [
    [
      { argv: ['--output=influxdb'] },
      'Output influxdb needs more: set --influx-url (INFLUX_URL) and --influx-org (INFLUX_ORG) and --influx-bucket (INFLUX_BUCKET)',
    ],
    [{ env: { INFLUX_URL: 'https://a', INFLUX_ORG: 'o' } }, 'Output influxdb needs more: set --influx-bucket (INFLUX_BUCKET)'],
    [
      { file: 'influxdb: {bucket: b}' },
      'There is no InfluxDB for key influxdb.bucket of config file "/etc/podgauge.yaml": set --influx-url (INFLUX_URL), ' +
        'or --output (PODGAUGE_OUTPUT) to stdout',
    ],
    [
      { argv: ['--influx-token-file=/t'], env: { ...influxdb, INFLUX_TOKEN: 'secret' } },
      'Both flag --influx-token-file and variable INFLUX_TOKEN give a token: leave one out',
    ],
    [
      { env: { ...influxdb, INFLUX_CERT_FILE: '/c' } },
      'A client certificate needs its key, but there is only variable INFLUX_CERT_FILE: set --influx-key-file (INFLUX_KEY_FILE)',
    ],
    [
      { argv: ['--influx-key-file', '/k'], env: influxdb },
      'A client certificate needs its key, but there is only flag --influx-key-file: set --influx-cert-file (INFLUX_CERT_FILE)',
    ],
    [
      { env: { ...influxdb, INFLUX_URL: 'http://a', INFLUX_CA_FILE: '/ca' } },
      'An http:// address has no use for variable INFLUX_CA_FILE: set an https:// address or leave it out',
    ],
    [
      { argv: ['--source=cgroup', '--kubeconfig=/k'] },
      'Source cgroup asks no API server, but flag --kubeconfig names one: leave one of the two out',
    ],
    [
      { argv: ['--source=kubernetes'] },
      'Source kubernetes needs an API server, and KUBERNETES_SERVICE_HOST is not set: run in a pod or set --kubeconfig (KUBECONFIG)',
    ],
    [
      { argv: ['--file-systems=kubelet'] },
      'The API server says where the kubelet is: set --source (PODGAUGE_SOURCE) to kubernetes, or leave --file-systems ' +
        '(PODGAUGE_FILE_SYSTEMS) out',
    ],
    [
      {
        argv: ['--file-systems=kubelet', '--kubelet-insecure=true', '--kubelet-ca-file=/c'],
        env: { KUBECONFIG: '/k', NODE_NAME: 'n' },
      },
      '--kubelet-insecure (PODGAUGE_KUBELET_INSECURE) takes any certificate: leave --kubelet-ca-file (PODGAUGE_KUBELET_CA_FILE) out, ' +
        'or set the first to false',
    ],
    [{ argv: ['once', '--output=influxdb'], env: influxdb }, 'Sub-command once prints to stdout: leave --output out'],
    [
      { argv: ['--period=0'] },
      'Cannot use "0" of flag --period: set 100ms to 1h: with 0 only requests are answered, and this version serves none',
    ],
    [
      { env: { KUBECONFIG: '/k', NODE_NAME: 'Worker_1' } },
      'Cannot use "Worker_1" of variable NODE_NAME: set --node-name (NODE_NAME) to the name of the node in Kubernetes',
    ],
  ];
  test.each(contradictions)('%j', async (layers, message) => {
    expect(await refusal(layers)).toBe(message);
  });

  test('a host whose name cannot be a node is refused where the API server is asked, and only there', async () => {
    const commandLine = { command: 'run', flags: new Map() } as const;
    const { loadConfig } = await import('../../../src/config/load.ts');
    const readFile = (): Promise<string> => Promise.resolve('');
    const loading = (environment: Record<string, string>) =>
      loadConfig({ commandLine, environment, readFile, hostname: 'my_host' });
    await expect(loading({ KUBECONFIG: '/k' })).rejects.toThrow(
      new ConfigError(
        'Cannot use "my_host" of the name of the host: set --node-name (NODE_NAME) to the name of the node in Kubernetes',
      ),
    );
    expect((await loading({})).nodeName).toBe('my_host');
  });
});

describe('source', () => {
  test('a KUBECONFIG in the environment is overruled by source cgroup: shells have it for other programs', async () => {
    expect((await load({ argv: ['--source=cgroup'], env: { KUBECONFIG: '/k' } })).source).toEqual({ kind: 'cgroup' });
  });

  test('a kubeconfig goes before the cluster that podgauge runs in', async () => {
    const { source } = await load({ argv: ['--kubeconfig=/k'], env: { KUBERNETES_SERVICE_HOST: '10.0.0.1' } });
    expect(source).toEqual({ kind: 'kubernetes', access: { kind: 'kubeconfig', path: '/k' }, idleLimitMs: 150_000 });
  });
});

describe('output', () => {
  test('a URL alone makes it InfluxDB, an explicit output overrules that', async () => {
    expect((await load({ env: influxdb })).output).toEqual({
      kind: 'influxdb',
      url: 'https://influx.example',
      org: 'org',
      bucket: 'bucket',
    });
    expect((await load({ argv: ['--output=stdout'], env: influxdb })).output).toEqual({ kind: 'stdout' });
  });

  test('once prints, whatever the environment and the file say', async () => {
    expect((await load({ argv: ['once'], env: influxdb, file: 'output: influxdb' })).output).toEqual({ kind: 'stdout' });
  });

  test('the token is in no rendering of the configuration', async () => {
    const config = await load({ env: { ...influxdb, INFLUX_TOKEN: 'tell-nobody' } });
    const { inspect } = await import('node:util');
    expect(JSON.stringify(config) + inspect(config, { depth: null, showHidden: true })).not.toContain('tell-nobody');
  });

  test('a bad token is not quoted, and no address is with its password', async () => {
    expect(await refusal({ env: { ...influxdb, INFLUX_TOKEN: 'tell nobody' } })).toBe(
      'Cannot use the value of variable INFLUX_TOKEN: set one word of printable ASCII',
    );
    expect(await refusal({ env: { ...influxdb, INFLUX_URL: 'https://me:hush@influx.example' } })).not.toContain('hush');
  });
});

describe('warnings', () => {
  test('a token over plain HTTP, but not to this host', async () => {
    const token = { INFLUX_TOKEN: 't', INFLUX_ORG: 'o', INFLUX_BUCKET: 'b' };
    expect((await load({ env: { ...token, INFLUX_URL: 'http://influx.monitoring:8086' } })).warnings).toEqual([
      'The InfluxDB token travels unencrypted: use an https:// address unless the network is trusted',
    ]);
    for (const host of ['localhost', '127.0.0.1', '[::1]']) {
      expect((await load({ env: { ...token, INFLUX_URL: `http://${host}:8086` } })).warnings).toEqual([]);
    }
    expect((await load({ env: { ...token, INFLUX_URL: 'http://127.evil.example' } })).warnings).toHaveLength(1);
  });

  test('InfluxDB without a token', async () => {
    expect((await load({ env: influxdb })).warnings).toEqual([
      'InfluxDB gets no token: set --influx-token-file (INFLUX_TOKEN_FILE), unless it needs none',
    ]);
  });

  test('a pod that was not told its node', async () => {
    const inCluster = { KUBERNETES_SERVICE_HOST: '10.0.0.1' };
    expect((await load({ env: inCluster })).warnings).toEqual([
      "The node is taken to be named as the host, which in a pod is the pod's name: set --node-name (NODE_NAME)",
    ]);
    expect((await load({ env: { ...inCluster, NODE_NAME: 'n1' } })).warnings).toEqual([]);
  });
});

describe('hostile input', () => {
  const names = optionRows.flatMap(([key, { flag, env }]) => [key, env, ...(flag === undefined ? [] : [flag])]);
  const texts = [
    '0',
    '10s',
    'true',
    'null',
    '64MiB',
    'https://a',
    'influxdb',
    'cgroup',
    '[]',
    '{}',
    '\u0000',
    '\u2028',
    '__proto__',
  ];
  const text = fc.oneof(fc.constantFrom(...texts, ...names), fc.string({ unit: 'binary' }), fc.string());
  const name = fc.oneof(fc.constantFrom(...names, 'influxdb', 'once', 'PODGAUGE_X', '__proto__', 'constructor'), text);
  const argv = fc.array(
    fc.oneof(
      text,
      name,
      fc.tuple(name, text).map(([flag, value]) => `${flag}=${value}`),
    ),
    { maxLength: 4 },
  );
  const env = fc.dictionary(name, text, { maxKeys: 4 });
  const file = fc.option(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json(),
      fc.dictionary(name, fc.oneof(text, fc.dictionary(name, text), fc.array(text))).map((content) => JSON.stringify(content)),
    ),
    { nil: undefined },
  );

  test('never ends in anything but a configuration or one line', async () => {
    await fc.assert(
      fc.asyncProperty(argv, env, file, async (argvOf, envOf, fileOf) => {
        const layers: Layers = fileOf === undefined ? { argv: argvOf, env: envOf } : { argv: argvOf, env: envOf, file: fileOf };
        const message = await load(layers).then(
          () => 'fine',
          (error: unknown) => (error instanceof ConfigError ? error.message : `NOT A CONFIG ERROR\n${String(error)}`),
        );
        // No line end, no control character, no half of a surrogate pair.
        expect(message).toMatch(/^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}]+$/u);
        expect(message.length).toBeLessThan(1000);
      }),
      { numRuns: 500 },
    );
  });

  test('a file nested without end is refused', async () => {
    expect(await refusal({ file: '['.repeat(10_000) })).toMatch(/^Cannot read config file "\/etc\/podgauge\.yaml": "/);
  });
});
