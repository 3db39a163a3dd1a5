/** For each rule of a JSON schema a value that breaks it and what helm says then. */

export interface Schema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly [keyword: string]: unknown;
}

interface Breach {
  /** Where in the values it is broken. */
  readonly path: readonly (string | number)[];
  readonly value: unknown;
  readonly complaint: RegExp;
}

export interface Round {
  readonly round: number;
  readonly values: object;
  readonly complaints: readonly RegExp[];
}

/** Helm tells of all that is wrong at once, so one round breaks one rule of every top-level value. */
export function schemaRules(schema: Schema): readonly Round[] {
  const ofValue = new Map<string | number | undefined, Breach[]>();
  for (const breach of breaches(schema, [])) {
    const [top] = breach.path;
    ofValue.set(top, [...(ofValue.get(top) ?? []), breach]);
  }
  const most = Math.max(...Array.from(ofValue.values(), (list) => list.length));
  return Array.from({ length: most }, (_, round) => {
    const broken = Array.from(ofValue.values(), (list) => list[round]).filter((breach) => breach !== undefined);
    const values: object = Object.assign({}, ...broken.map(({ path, value }) => nested(path, value)));
    return { round, values, complaints: broken.map(({ complaint }) => complaint) };
  });
}

function breaches(schema: Schema, path: Breach['path']): readonly Breach[] {
  const here = Object.entries(schema).flatMap(([keyword, rule]) => breachesOf(keyword, rule, path));
  const properties = Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => breaches(inner, [...path, name]));
  const items = schema.items === undefined ? [] : breaches(schema.items, [...path, 0]);
  const { additionalProperties: others } = schema;
  const rest = typeof others === 'object' ? breaches(others, [...path, 'any']) : [];
  return [...here, ...properties, ...items, ...rest];
}

/** Keywords that allow rather than forbid, or whose rules are those of what is inside. */
const noRules = ['$schema', 'title', 'description', 'properties', 'items'];

/** For each keyword a value that breaks it, and what is said then. */
const breaking: Readonly<Record<string, (rule: unknown) => readonly [value: unknown, says: string]>> = {
  type: (rule) => [[rule].flat().includes('boolean') ? 'text' : true, 'got (?:boolean|string), want '],
  enum: () => ['nonsense', 'value must be one of '],
  pattern: (rule) => [mismatchOf(String(rule)), '.* does not match pattern '],
  minimum: (rule) => [Number(rule) - 1, 'minimum: got '],
  maximum: (rule) => [Number(rule) + 1, 'maximum: got '],
  minLength: () => ['', 'minLength: got 0, want '],
  maxLength: (rule) => ['x'.repeat(Number(rule) + 1), 'maxLength: got '],
  minItems: () => [[], 'minItems: got 0, want '],
  uniqueItems: () => [['cpu', 'cpu'], 'items at 0 and 1 are equal'],
  required: () => [{}, 'missing propert'],
  additionalProperties: () => [{ nonsense: true }, "additional properties 'nonsense' not allowed"],
};

/** @throws Error for a keyword that nobody has thought of a breach for */
function breachesOf(keyword: string, rule: unknown, path: Breach['path']): readonly Breach[] {
  if (noRules.includes(keyword) || (keyword === 'additionalProperties' && typeof rule === 'object')) return [];
  // The values as a whole cannot be anything but a map.
  if (keyword === 'type' && path.length === 0) return [];
  const [value, says] = breaking[keyword]?.(rule) ?? [];
  if (says === undefined) throw new Error(`no value here breaks the rule ${keyword} of ${path.join('.')}`);
  return [{ path, value, complaint: new RegExp(`at '${path.map((part) => `/${part}`).join('')}': ${says}`) }];
}

/** A text that a pattern does not have. */
function mismatchOf(pattern: string): string {
  const text = ['a b', ',', '\u{e9} '].find((one) => !new RegExp(pattern, 'u').test(one));
  if (text === undefined) throw new Error(`no text breaks the pattern ${pattern}`);
  return text;
}

function nested(path: Breach['path'], value: unknown): unknown {
  const [first, ...rest] = path;
  if (first === undefined) return value;
  const inner = nested(rest, value);
  return typeof first === 'number' ? [inner] : { [first]: inner };
}
