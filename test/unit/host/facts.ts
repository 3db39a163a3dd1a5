/** What a reader said of a file, as a set of facts: `[8:0].reads=192`. So two results can be compared whatever their shape. */

/** One value, with where it stands. */
export type Leaf = readonly [path: string, value: string | number | bigint | boolean];

/** All values: a row by what identifies it, so that a row lost before it changes nothing. */
export function leavesOf(value: unknown, path = ''): readonly Leaf[] {
  if (value === undefined) return [];
  if (value instanceof Map) return [...value].flatMap(([key, item]) => leavesOf(item, `${path}[${String(key)}]`));
  if (Array.isArray(value))
    return value.flatMap((item: unknown, index) => leavesOf(item, `${path}[${idOf(item, path, index)}]`));
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([key, item]) => leavesOf(item, `${path}.${key}`));
  }
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') {
    return [[path, value]];
  }
  throw new TypeError(`${path} is no plain data`);
}

export function factOf([path, value]: Leaf): string {
  return `${path}=${value}`;
}

/** Those that stand in one of the fields `without` are left out. */
export function factsOf(value: unknown, without: readonly string[] = []): Set<string> {
  const facts = new Set<string>();
  for (const leaf of leavesOf(value)) {
    if (!without.some((field) => leaf[0].endsWith(`.${field}`))) facts.add(factOf(leaf));
  }
  return facts;
}

/** A list at the top holds values by their place, or rows; any other is a bag of values. */
function idOf(item: unknown, path: string, index: number): string {
  if (typeof item !== 'object' || item === null) return path === '' ? String(index) : '';
  const row = new Map<string, unknown>(Object.entries(item));
  return String(row.get('mountPoint') ?? row.get('device') ?? row.get('name') ?? JSON.stringify(item));
}
