/** The values of the chart, as values.yaml documents them. */
import { parse } from 'yaml';

/** A value that is set as a whole: its children, where it has any, are data. */
export interface Value {
  readonly path: readonly string[];
  readonly default: unknown;
  readonly help: string;
  /** What its `@schema` line says, where its default does not say it all. */
  readonly schema: JsonSchema | undefined;
}

export interface JsonSchema {
  readonly [keyword: string]: unknown;
}

const helpMark = '# -- ';
const schemaMark = '# @schema ';

/**
 * A comment that begins with `# -- ` makes a key a value; a key without one is a group of values.
 * @throws Error for a key that is neither: a value that nobody described
 */
export function readValues(text: string): readonly Value[] {
  const defaults: unknown = parse(text);
  const values: Value[] = [];
  const groups: KeyLine[] = [];
  /** Deeper lines belong to the default of the value before. */
  let valueIndent = Number.POSITIVE_INFINITY;
  for (const key of keyLines(text)) {
    if (key.indent > valueIndent) continue;
    while ((groups.at(-1)?.indent ?? -1) >= key.indent) groups.pop();
    const path = [...groups, key].map(({ name }) => name);
    const value = at(defaults, path);
    const isValue = key.comment.some((line) => line.startsWith(helpMark));
    valueIndent = isValue ? key.indent : Number.POSITIVE_INFINITY;
    if (isValue) values.push({ path, default: value, help: helpIn(key.comment), schema: schemaIn(key.comment) });
    else if (isMap(value)) groups.push(key);
    else throw new Error(`values.yaml: ${path.join('.')} has no description: begin one with "${helpMark}"`);
  }
  return values;
}

interface KeyLine {
  readonly name: string;
  readonly indent: number;
  /** The lines right above it. */
  readonly comment: readonly string[];
}

function* keyLines(text: string): Generator<KeyLine> {
  let comment: string[] = [];
  for (const line of text.split('\n')) {
    const content = line.trimStart();
    if (content.startsWith('#')) {
      comment.push(content);
      continue;
    }
    const [, name] = /^([A-Za-z]\w*):/.exec(content) ?? [];
    if (name !== undefined) yield { name, indent: line.length - content.length, comment };
    comment = [];
  }
}

function helpIn(comment: readonly string[]): string {
  const first = comment.findIndex((line) => line.startsWith(helpMark));
  const lines = comment.slice(first).filter((line) => !line.startsWith(schemaMark));
  return lines.map((line) => line.replace(/^# (?:-- )?/, '')).join(' ');
}

function schemaIn(comment: readonly string[]): JsonSchema | undefined {
  const line = comment.find((one) => one.startsWith(schemaMark));
  if (line === undefined) return undefined;
  const schema: unknown = parse(line.slice(schemaMark.length));
  if (!isMap(schema)) throw new Error(`values.yaml: ${line} is no map`);
  return schema;
}

function at(root: unknown, path: readonly string[]): unknown {
  let value = root;
  for (const name of path) value = isMap(value) ? value[name] : undefined;
  return value;
}

export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
