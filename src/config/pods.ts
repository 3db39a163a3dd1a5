/** Decides which pods are collected, and which of their labels and annotations are written under which names. */
import { measurements } from '../metrics/measurements.ts';
import { metrics } from '../metrics/table.ts';
import type { PodProperty } from '../model.ts';
import type { PodChoice, Source } from './config.ts';
import { ConfigError, quote } from './error.ts';
import type { NamedKey } from './kinds.ts';
import { options } from './options.ts';
import type { Option } from './option.ts';
import { nameOf, valueIfSet, valueOrDefault } from './settings.ts';
import type { Settings } from './settings.ts';

/** A tag and a field of one name cannot be told apart in Flux, nor can a tag from its own columns. */
const taken: ReadonlySet<string> = new Set([
  'time',
  'result',
  'table',
  ...Object.values(measurements).flatMap(({ tags }) => tags),
  ...metrics.map(({ field }) => field),
]);

type Named = readonly [Option<readonly NamedKey[]>, PodProperty['from'], prefix?: string];

const tagOptions: readonly Named[] = [
  [options.podLabels, 'label'],
  [options.podAnnotations, 'annotation'],
];
const fieldOptions: readonly Named[] = [
  [options.infoLabels, 'label', 'label_'],
  [options.infoAnnotations, 'annotation', 'annotation_'],
];

/** @throws ConfigError when a name is taken, and when namespaces are to be told apart where nobody knows them */
export function resolvePods(settings: Settings, source: Source): PodChoice {
  const namespaces = valueIfSet(settings, options.namespaces) ?? [];
  if (source.kind === 'cgroup' && namespaces.length > 0) {
    throw new ConfigError(
      `Source cgroup knows no namespaces, but ${settings.get(options.namespaces)?.where} tells them apart: ` +
        `set ${nameOf(options.source)} to kubernetes, or leave it out`,
    );
  }
  return {
    namespaces,
    optOut: valueOrDefault(settings, options.allowOptOut) === 'true',
    tags: propertiesOf(settings, tagOptions, 'Tag'),
    infoFields: propertiesOf(settings, fieldOptions, 'Field'),
  };
}

function propertiesOf(settings: Settings, rows: readonly Named[], what: string): readonly PodProperty[] {
  const whereByName = new Map<string, string>();
  const properties: PodProperty[] = [];
  for (const [option, from, prefix = ''] of rows) {
    const where = settings.get(option)?.where ?? '';
    for (const { key, name: own } of valueIfSet(settings, option) ?? []) {
      const name = prefix + own;
      const hint = `set another name, as in ${key}=my_${own}`;
      if (taken.has(name)) throw new ConfigError(`${what} ${quote(name)} of ${where} is one of podgauge's own: ${hint}`);
      const before = whereByName.get(name);
      if (before !== undefined) {
        throw new ConfigError(`${what} ${quote(name)} of ${where} is given by ${before} already: ${hint}`);
      }
      whereByName.set(name, where);
      properties.push({ from, key, name });
    }
  }
  return properties;
}
