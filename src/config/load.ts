/** Puts the layers on each other: defaults, file, environment, flags. */
import type { CommandLine } from './command-line.ts';
import type { Config } from './config.ts';
import { readEnvironment } from './environment.ts';
import type { Environment } from './environment.ts';
import { readConfigFile } from './file.ts';
import { resolveFileSystems } from './file-systems.ts';
import { resolveListen } from './listen.ts';
import { options } from './options.ts';
import { resolveOutput } from './output.ts';
import { resolvePods } from './pods.ts';
import { valueIfSet, valueOrDefault } from './settings.ts';
import type { Settings } from './settings.ts';
import { resolveNodeName, resolveSource } from './source.ts';
import { warningsOf } from './warnings.ts';

export interface LoadOptions {
  readonly commandLine: CommandLine;
  readonly environment: Environment;
  readonly readFile: (path: string) => Promise<string>;
  /** The name of the host, which names the node where nothing else does. */
  readonly hostname: string;
}

/** @throws ConfigError, and nothing else, whatever the layers hold */
export async function loadConfig({ commandLine, environment, readFile, hostname }: LoadOptions): Promise<Config> {
  const aboveFile: Settings = new Map([...readEnvironment(environment), ...commandLine.flags]);
  const file = valueIfSet(aboveFile, options.config);
  const inFile: Settings = file === undefined ? new Map() : await readConfigFile(file, readFile);
  const settings: Settings = new Map([...inFile, ...aboveFile]);
  // A bad value is one even where nothing needs it today.
  for (const option of settings.keys()) valueIfSet(settings, option);

  const source = resolveSource(settings, environment);
  const output = resolveOutput(settings, commandLine.command === 'once' ? 'once' : 'run');
  return freeze({
    source,
    nodeName: resolveNodeName(settings, source, hostname),
    clusterName: valueOrDefault(settings, options.clusterName),
    periodMs: valueOrDefault(settings, options.period),
    collectors: valueOrDefault(settings, options.collectors),
    fileSystems: resolveFileSystems(settings, source),
    pods: resolvePods(settings, source),
    maxSeries: valueOrDefault(settings, options.maxSeries),
    concurrency: valueOrDefault(settings, options.concurrency),
    host: {
      procRoot: valueOrDefault(settings, options.procRoot),
      cgroupRoot: valueOrDefault(settings, options.cgroupRoot),
      maxDescriptors: valueOrDefault(settings, options.maxDescriptors),
    },
    output,
    queueMaxBytes: valueOrDefault(settings, options.queueMaxBytes),
    shutdownTimeoutMs: valueOrDefault(settings, options.shutdownTimeout),
    listen: resolveListen(settings),
    logLevel: valueOrDefault(settings, options.logLevel),
    warnings: warningsOf(settings, source, output),
  });
}

function freeze<T extends object>(value: T): T {
  const inners: unknown[] = Object.values(value);
  for (const inner of inners) {
    if (typeof inner === 'object' && inner !== null) freeze(inner);
  }
  return Object.freeze(value);
}
