/** Decides where points go, and checks that what InfluxDB needs fits together. */
import type { Command } from './command-line.ts';
import type { Config, InfluxdbOutput, TokenSource } from './config.ts';
import { ConfigError } from './error.ts';
import { options } from './options.ts';
import { nameOf, valueIfSet } from './settings.ts';
import type { Settings } from './settings.ts';

const {
  'influxdb.url': url,
  'influxdb.org': org,
  'influxdb.bucket': bucket,
  'influxdb.tokenFile': tokenFile,
  'influxdb.token': token,
  'influxdb.caFile': caFile,
  'influxdb.certFile': certFile,
  'influxdb.keyFile': keyFile,
} = options;

/** @throws ConfigError when something is missing for the output, or contradicts it */
export function resolveOutput(settings: Settings, command: Command): Config['output'] {
  const set = settings.get(options.output);
  const output = valueIfSet(settings, options.output);
  if (command === 'once') {
    if (output === undefined || output.kind === 'stdout' || set?.layer !== 'flag') return { kind: 'stdout' };
    throw new ConfigError(`Sub-command once prints to stdout: leave ${options.output.flag} out`);
  }
  if (output !== undefined && output.kind !== 'influxdb') return output;
  if (output !== undefined || settings.has(url)) return resolveInfluxdb(settings);
  for (const option of [org, bucket, tokenFile, token, caFile, certFile, keyFile]) {
    const where = settings.get(option)?.where;
    if (where === undefined) continue;
    throw new ConfigError(`There is no InfluxDB for ${where}: set ${nameOf(url)}, or ${nameOf(options.output)} to stdout`);
  }
  return { kind: 'stdout' };
}

function resolveInfluxdb(settings: Settings): InfluxdbOutput {
  const values = { url: valueIfSet(settings, url), org: valueIfSet(settings, org), bucket: valueIfSet(settings, bucket) };
  const missing = [url, org, bucket].filter((option) => !settings.has(option));
  if (values.url === undefined || values.org === undefined || values.bucket === undefined) {
    throw new ConfigError(`Output influxdb needs more: set ${missing.map(nameOf).join(' and ')}`);
  }
  return {
    kind: 'influxdb',
    url: values.url,
    org: values.org,
    bucket: values.bucket,
    ...resolveToken(settings),
    ...resolveTls(settings, values.url),
  };
}

function resolveToken(settings: Settings): { token?: TokenSource } {
  const path = valueIfSet(settings, tokenFile);
  const value = valueIfSet(settings, token);
  if (path !== undefined && value !== undefined) {
    throw new ConfigError(`Both ${settings.get(tokenFile)?.where} and variable ${token.env} give a token: leave one out`);
  }
  if (path !== undefined) return { token: { kind: 'file', path } };
  return value === undefined ? {} : { token: { kind: 'environment', reveal: () => value } };
}

function resolveTls(settings: Settings, address: string): Pick<InfluxdbOutput, 'caFile' | 'certFile' | 'keyFile'> {
  const ca = valueIfSet(settings, caFile);
  const cert = valueIfSet(settings, certFile);
  const key = valueIfSet(settings, keyFile);
  for (const [one, other] of [
    [certFile, keyFile],
    [keyFile, certFile],
  ] as const) {
    if (!settings.has(one) || settings.has(other)) continue;
    throw new ConfigError(
      `A client certificate needs its key, but there is only ${settings.get(one)?.where}: set ${nameOf(other)}`,
    );
  }
  const used = [caFile, certFile].find((option) => settings.has(option));
  if (used !== undefined && !address.startsWith('https:')) {
    throw new ConfigError(
      `An http:// address has no use for ${settings.get(used)?.where}: set an https:// address or leave it out`,
    );
  }
  return {
    ...(ca === undefined ? {} : { caFile: ca }),
    ...(cert === undefined || key === undefined ? {} : { certFile: cert, keyFile: key }),
  };
}
