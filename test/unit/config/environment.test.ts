import { expect, test } from 'vitest';
import { readEnvironment } from '../../../src/config/environment.ts';
import { ConfigError } from '../../../src/config/error.ts';
import { optionRows, options } from '../../../src/config/options.ts';

test('values are trimmed, and empty ones count as not set', () => {
  const settings = readEnvironment({ INFLUX_TOKEN: 'abc\n', PODGAUGE_PERIOD: '', CLUSTER_NAME: ' ', NODE_NAME: undefined });
  expect([...settings]).toEqual([
    [options['influxdb.token'], { text: 'abc', layer: 'environment', where: 'variable INFLUX_TOKEN' }],
  ]);
});

test('an unknown variable with our prefix is refused, unless it is empty', () => {
  expect(() => readEnvironment({ PODGAUGE_PEROID: '1s' })).toThrow(
    new ConfigError('Unknown environment variable "PODGAUGE_PEROID": did you mean PODGAUGE_PERIOD?'),
  );
  expect(readEnvironment({ PODGAUGE_PEROID: '', HOME: '/root', PODGAUGES: '1' }).size).toBe(0);
});

test.each([
  'PODGAUGE_SERVICE_HOST',
  'PODGAUGE_SERVICE_PORT',
  'PODGAUGE_SERVICE_PORT_METRICS',
  'PODGAUGE_PORT',
  'PODGAUGE_PORT_9610_TCP',
  'PODGAUGE_PORT_9610_TCP_ADDR',
  'PODGAUGE_PORT_9610_UDP_PROTO',
  'PODGAUGE_METRICS_SERVICE_HOST',
  'PODGAUGE_METRICS_PORT_80_TCP_PORT',
])('%s, which the kubelet sets for a Service, is left alone', (variable) => {
  expect(readEnvironment({ [variable]: 'tcp://10.0.0.1:9610' }).size).toBe(0);
});

test('no option has a variable that the kubelet could set for a Service', () => {
  expect(optionRows.filter(([, { env }]) => /_(?:PORT|SERVICE_HOST)(?:_|$)/.test(env))).toEqual([]);
});
