/** values.schema.json, from the values and the table of options. */
import { collectorNames } from '../../src/metrics/collectors.ts';
import type { Option } from '../../src/config/option.ts';
import { optionOf } from './options.ts';
import { isMap, type JsonSchema, type Value } from './values.ts';

interface ObjectSchema {
  readonly type: 'object';
  readonly additionalProperties: false;
  readonly properties: Record<string, unknown>;
}

/** Every group is closed: a name that is written wrong fails, rather than being nothing. */
export function valuesSchema(values: readonly Value[]): JsonSchema {
  const root = closedObject();
  for (const value of values) {
    let group = root;
    for (const name of value.path.slice(0, -1)) group = childOf(group, name);
    group.properties[value.path.at(-1) ?? ''] = { description: value.help, ...schemaOf(value) };
  }
  // Where the chart is a part of another one, Helm adds what all of its parts share.
  root.properties['global'] = { type: 'object' };
  return { $schema: 'https://json-schema.org/draft/2020-12/schema', title: 'Values of the podgauge chart', ...root };
}

function closedObject(): ObjectSchema {
  return { type: 'object', additionalProperties: false, properties: {} };
}

const objects = new WeakMap<ObjectSchema, Map<string, ObjectSchema>>();

function childOf(parent: ObjectSchema, name: string): ObjectSchema {
  const children = objects.get(parent) ?? new Map<string, ObjectSchema>();
  objects.set(parent, children);
  const child = children.get(name) ?? closedObject();
  children.set(name, child);
  parent.properties[name] = child;
  return child;
}

/** What a value may be: as its option says, as its `@schema` line says, or as its default is. */
export function schemaOf(value: Value): JsonSchema {
  const option = optionOf(value);
  if (option !== undefined) return schemaOfOption(option, value);
  return value.schema ?? { type: typeOf(value.default) };
}

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (isMap(value)) return 'object';
  return Number.isInteger(value) ? 'integer' : typeof value;
}

const list = { type: 'array', items: { type: 'string', pattern: '^[^,]+$' } };

function schemaOfOption(option: Option<unknown>, { path }: Value): JsonSchema {
  const { shown } = option.kind;
  if (path.join('.') === 'collectors')
    return { type: 'array', items: { enum: collectorNames }, minItems: 1, uniqueItems: true };
  switch (shown) {
    case '<duration>':
      return { type: 'string', pattern: '^(0|[0-9]{1,15}(ms|s|m|h))$' };
    case '<bytes>':
      return { type: 'string', pattern: '^[0-9]{1,15}([kMG]|[KMG]i)?B?$' };
    case '<number>':
      return { type: 'integer', ...boundsOf(option) };
    case '<list>':
      return list;
    case '<url>':
      return { type: 'string', pattern: String.raw`^(https?://[^@?#\s]+)?$` };
    case '<name>':
      return { type: 'string', maxLength: 253, ...(option.default === undefined ? {} : { minLength: 1 }) };
    case 'true|false':
      return { type: 'boolean' };
    default:
      if (/^[\w|]+$/.test(shown)) return { enum: shown.split('|') };
      return { type: 'string', pattern: `^(${shown.replace(/<path>/, '.+')})$` };
  }
}

/** The option's own words for what it takes have both. */
function boundsOf({ kind }: Option<unknown>): JsonSchema {
  const refusal = kind.parse('none');
  const [, least, most] = ('expected' in refusal ? /from (\d+) to (\d+)/.exec(refusal.expected) : undefined) ?? [];
  if (least === undefined || most === undefined) throw new Error('an option that is a number does not say its bounds');
  return { minimum: Number(least), maximum: Number(most) };
}
