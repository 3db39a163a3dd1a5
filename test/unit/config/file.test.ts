import { describe, expect, test } from 'vitest';
import { readConfigFile } from '../../../src/config/file.ts';
import { refusal } from './load.ts';

/** Text by key as the file has it, in its order. */
async function textsIn(content: string): Promise<string[]> {
  const settings = await readConfigFile('/c', () => Promise.resolve(content));
  return Array.from(settings.values(), ({ text, where }) => `${where} = ${text}`);
}

test('YAML and JSON say the same', async () => {
  const expected = [
    'key period of config file "/c" = 20s',
    'key influxdb.org of config file "/c" = o',
    'key collectors of config file "/c" = cpu,pids',
  ];
  expect(await textsIn('# ours\nperiod: 20s\ninfluxdb:\n  org: o\ncollectors: [cpu, pids]\n')).toEqual(expected);
  expect(await textsIn('{"period": "20s", "influxdb": {"org": "o"}, "collectors": ["cpu", "pids"]}')).toEqual(expected);
});

test('scalars stay as they are written', async () => {
  expect(await textsIn('clusterName: 007\nnodeName: no\nconcurrency: 0x10\nlogLevel: "null"')).toEqual([
    'key clusterName of config file "/c" = 007',
    'key nodeName of config file "/c" = no',
    'key concurrency of config file "/c" = 0x10',
    'key logLevel of config file "/c" = null',
  ]);
});

test.each([
  '',
  '# nothing\n',
  'null',
  '{}',
  'period:',
  'period: ""',
  'period: ~',
  'influxdb:',
  'influxdb: {url: null}',
  '{"influxdb": ""}',
])('%j sets nothing', async (content) => {
  expect(await textsIn(content)).toEqual([]);
});

const file = 'config file "/etc/podgauge.yaml"';

describe('refused', () => {
  test.each([
    ['perod: 10s', `Unknown key of ${file} "perod": did you mean period?`],
    ['influxdb: {tokenfile2: a}', `Unknown key of ${file} "influxdb.tokenfile2": did you mean influxdb.tokenFile?`],
    ['__proto__: {a: b}', `Unknown key of ${file} "__proto__": podgauge --help lists all options`],
    ['config: /other', `Unknown key of ${file} "config": podgauge --help lists all options`],
    ['influxdb.url: http://a', `Unknown key "influxdb.url" in ${file}: nest keys, as in "influxdb: {url: …}"`],
    [
      'influxdb: {token: t}',
      `Cannot use key influxdb.token of ${file}: set INFLUX_TOKEN_FILE, influxdb.tokenFile or INFLUX_TOKEN`,
    ],
    ['influxdb: http://a', `Cannot use influxdb in ${file}: set a map of options, such as "period: 10s"`],
    ['- period', `Cannot use ${file}: set a map of options, such as "period: 10s"`],
    ['period', `Cannot use ${file}: set a map of options, such as "period: 10s"`],
    [
      'period: {a: b}',
      `Cannot use the value of key period of ${file}: set one value, or a list of words where the option takes a list`,
    ],
    [
      'collectors: [[cpu]]',
      `Cannot use the value of key collectors of ${file}: set one value, or a list of words where the option takes a list`,
    ],
    [
      'collectors: []',
      `Cannot use the value of key collectors of ${file}: set one value, or a list of words where the option takes a list`,
    ],
    ['period: 1s\nperiod: 2s', `Cannot read ${file}: "Map keys must be unique at line 2, column 1"`],
  ])('%j', async (content, message) => {
    expect(await refusal({ file: content })).toBe(message);
  });

  test('a file that cannot be read', async () => {
    expect(await refusal({ env: { PODGAUGE_CONFIG: '/missing' } })).toBe(
      'Cannot read config file "/missing": "ENOENT: /missing"',
    );
  });
});
