import { readCommandLine } from '../../../src/config/command-line.ts';
import type { Config } from '../../../src/config/config.ts';
import { ConfigError } from '../../../src/config/error.ts';
import { loadConfig } from '../../../src/config/load.ts';

export interface Layers {
  readonly argv?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** What the file holds that `--config=/etc/podgauge.yaml` names, which is given when this is. */
  readonly file?: string;
}

/** Loads as main.ts does, on a host called `Worker-1`. */
export async function load({ argv = [], env = {}, file }: Layers): Promise<Config> {
  const readFile = (path: string): Promise<string> =>
    file === undefined || path !== '/etc/podgauge.yaml' ? Promise.reject(new Error(`ENOENT: ${path}`)) : Promise.resolve(file);
  const commandLine = readCommandLine(file === undefined ? argv : [...argv, '--config=/etc/podgauge.yaml']);
  return loadConfig({ commandLine, environment: env, readFile, hostname: 'Worker-1' });
}

/** The message of the ConfigError that loading ends with; anything else is thrown on. */
export async function refusal(layers: Layers): Promise<string> {
  try {
    await load(layers);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error('Nothing was refused');
}
