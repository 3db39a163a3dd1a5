/** Every option through every layer: a good value arrives, a bad one is refused with the place it stands in. */
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { optionRows } from '../../../src/config/options.ts';
import { collectorNames } from '../../../src/metrics/collectors.ts';
import { cases, influxdb } from './cases.ts';
import { load, refusal } from './load.ts';
import type { Layers } from './load.ts';

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
    collectors: collectorNames,
    fileSystems: undefined,
    pods: { namespaces: [], optOut: false, tags: [], infoFields: [] },
    maxSeries: 100_000,
    concurrency: 8,
    host: { procRoot: '/proc', cgroupRoot: '/sys/fs/cgroup', maxDescriptors: 4096 },
    output: { kind: 'stdout' },
    queueMaxBytes: 67_108_864,
    shutdownTimeoutMs: 5000,
    listen: { host: '127.0.0.1', port: 9610, text: '127.0.0.1:9610', chosen: false },
    logLevel: 'info',
    warnings: [],
  });
});

test('off is nowhere to listen', async () => {
  expect((await load({ env: { PODGAUGE_LISTEN: 'off' } })).listen).toBeUndefined();
});

test('nothing of it can be changed afterwards', async () => {
  const config = await load({ env: influxdb });
  for (const part of [
    config,
    config.source,
    config.host,
    config.output,
    config.collectors,
    config.pods,
    config.pods.tags,
    config.warnings,
  ]) {
    expect(Object.isFrozen(part)).toBe(true);
  }
});
