/** The layer of the config file. */
import { ConfigError, quote, unknownName } from './error.ts';
import { optionRows, options } from './options.ts';
import type { Option } from './option.ts';
import type { Setting, Settings } from './settings.ts';

const optionOfKey = new Map<string, Option<unknown>>();
/** The first parts of nested keys: `influxdb`. */
const groups = new Set<string>();
for (const [key, option] of optionRows) {
  if (option.notInFile) continue;
  optionOfKey.set(key, option);
  if (key.includes('.')) groups.add(key.slice(0, key.indexOf('.')));
}

/**
 * Reads `path` as YAML 1.2, of which JSON is a part. Scalars are taken as they are written, so `clusterName: 007` keeps its
 * zeros; an empty one and `null` count as not set.
 * @throws ConfigError when the file cannot be read or parsed, and for an unknown key
 */
export async function readConfigFile(path: string, readFile: (path: string) => Promise<string>): Promise<Settings> {
  const file = `config file ${quote(path)}`;
  const content = await parseFile(file, path, readFile);
  const settings = new Map<Option<unknown>, Setting>();
  if (content === null) return settings;
  for (const [name, value] of entriesOf(content, file)) {
    if (!groups.has(name)) {
      if (name.includes('.'))
        throw new ConfigError(`Unknown key ${quote(name)} in ${file}: nest keys, as in "influxdb: {url: …}"`);
      readKey(settings, name, value, file);
      continue;
    }
    if (value === null || value === '') continue;
    for (const [inner, innerValue] of entriesOf(value, `${name} in ${file}`))
      readKey(settings, `${name}.${inner}`, innerValue, file);
  }
  return settings;
}

async function parseFile(file: string, path: string, readFile: (path: string) => Promise<string>): Promise<unknown> {
  // Loaded only here: most agents have no config file, and the parser costs memory.
  const { parseDocument } = await import('yaml');
  try {
    const document = parseDocument(await readFile(path), { schema: 'failsafe', customTags: ['null'] });
    // A warning too: to YAML a word that starts with `!` is a tag, of which nothing would be left.
    const [problem] = [...document.errors, ...document.warnings];
    if (problem !== undefined) throw problem;
    return document.toJS();
  } catch (error) {
    const [reason = ''] = error instanceof Error ? error.message.split(/:?\n/) : [];
    throw new ConfigError(`Cannot read ${file}: ${quote(reason)}`, { cause: error });
  }
}

function entriesOf(value: unknown, where: string): [string, unknown][] {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return Object.entries(value);
  throw new ConfigError(`Cannot use ${where}: set a map of options, such as "period: 10s"`);
}

function readKey(settings: Map<Option<unknown>, Setting>, key: string, value: unknown, file: string): void {
  const option = optionOfKey.get(key);
  if (key === 'influxdb.token') {
    const { 'influxdb.tokenFile': tokenFile, 'influxdb.token': token } = options;
    throw new ConfigError(`Cannot use key influxdb.token of ${file}: set ${tokenFile.env}, influxdb.tokenFile or ${token.env}`);
  }
  if (option === undefined) throw unknownName(`key of ${file}`, key, [...optionOfKey.keys()]);
  const where = `key ${key} of ${file}`;
  const text = textOf(value, where);
  if (text !== '') settings.set(option, { text, layer: 'file', where });
}

function textOf(value: unknown, where: string): string {
  if (value === null) return '';
  if (typeof value === 'string') return value.trim();
  if (Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string')) return value.join(',');
  throw new ConfigError(`Cannot use the value of ${where}: set one value, or a list of words where the option takes a list`);
}
