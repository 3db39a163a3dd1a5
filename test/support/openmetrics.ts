/** A strict reader of OpenMetrics 1.0 text (https://prometheus.io/docs/specs/om/open_metrics_spec/), as far as podgauge uses it. */

export interface MetricSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface MetricFamily {
  readonly name: string;
  readonly type: string;
  readonly unit: string;
  readonly help: string;
  readonly samples: readonly MetricSample[];
}

type OpenFamily = { -readonly [K in keyof MetricFamily]: MetricFamily[K] } & { readonly samples: MetricSample[] };

/** What a sample's name may have behind its family's, by type. */
const suffixes: Readonly<Record<string, readonly string[]>> = {
  counter: ['_total'],
  gauge: [''],
  info: ['_info'],
  summary: ['_count', '_sum'],
  histogram: ['_bucket', '_count', '_sum'],
};

const parts: Readonly<Record<string, 'type' | 'unit' | 'help'>> = { TYPE: 'type', UNIT: 'unit', HELP: 'help' };
const metadata = /^# (TYPE|UNIT|HELP) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)$/;
const sample = /^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(?<labels>.*)\})? (?<value>\+Inf|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/;
const label = /^(?<name>[a-zA-Z_][a-zA-Z0-9_]*)="(?<value>(?:[^"\\]|\\["\\n])*)"(?:,(?=.)|$)/;
const escapes: Readonly<Record<string, string>> = { '\\\\': '\\', '\\"': '"', '\\n': '\n' };

/** By name. Throws, quoting the line, on whatever a strict reader would refuse. */
export function parseOpenMetrics(text: string): ReadonlyMap<string, MetricFamily> {
  const families = new Map<string, OpenFamily>();
  const seen = new Set<string>();
  let family: OpenFamily | undefined;
  if (!text.endsWith('\n# EOF\n')) throw new Error('The text does not end with # EOF');
  for (const line of text.slice(0, -'# EOF\n'.length - 1).split('\n')) {
    if (line.startsWith('#')) {
      family = readMetadata(line, family, families);
    } else {
      if (family === undefined) throw new Error(`A sample without a family: ${line}`);
      const read = readSample(line, family);
      const key = JSON.stringify([read.name, Object.entries(read.labels).toSorted()]);
      if (seen.has(key)) throw new Error(`Twice: ${line}`);
      seen.add(key);
      family.samples.push(read);
    }
  }
  for (const one of families.values()) checkFamily(one);
  const names = [...families.values()].flatMap(({ name, type }) => (suffixes[type] ?? []).map((suffix) => name + suffix));
  if (new Set(names).size !== names.length) throw new Error('Two families have samples of one name');
  return families;
}

function readMetadata(line: string, current: OpenFamily | undefined, families: Map<string, OpenFamily>): OpenFamily {
  const [, key = '', name = '', text = ''] = metadata.exec(line) ?? [];
  const part = parts[key];
  if (part === undefined) throw new Error(`Not a line of metadata: ${line}`);
  const family = current?.name === name ? current : openFamily(name, line, families);
  if (family.samples.length > 0) throw new Error(`After a sample: ${line}`);
  if (family[part] !== '') throw new Error(`Twice: ${line}`);
  family[part] = part === 'help' ? unescaped(text, line) : text;
  return family;
}

function openFamily(name: string, line: string, families: Map<string, OpenFamily>): OpenFamily {
  if (families.has(name)) throw new Error(`Between others: ${line}`);
  const family: OpenFamily = { name, type: '', unit: '', help: '', samples: [] };
  families.set(name, family);
  return family;
}

function readSample(line: string, family: OpenFamily): MetricSample {
  const { name = '', labels = '', value = '' } = sample.exec(line)?.groups ?? {};
  if (name === '') throw new Error(`Not a sample: ${line}`);
  const known = suffixes[family.type] ?? [];
  if (!known.some((suffix) => name === family.name + suffix)) throw new Error(`Not of ${family.type} ${family.name}: ${line}`);
  return { name, labels: readLabels(labels, line), value: value === '+Inf' ? Infinity : Number(value) };
}

function readLabels(text: string, line: string): Record<string, string> {
  const labels: Record<string, string> = {};
  for (let rest = text; rest !== '';) {
    const found = label.exec(rest);
    const { name = '', value = '' } = found?.groups ?? {};
    if (found === null || Object.hasOwn(labels, name)) throw new Error(`Bad labels: ${line}`);
    labels[name] = unescaped(value, line);
    rest = rest.slice(found[0].length);
  }
  return labels;
}

function unescaped(text: string, line: string): string {
  return text.replaceAll(/\\.?/gs, (escape) => {
    const character = escapes[escape];
    if (character === undefined) throw new Error(`Bad escape: ${line}`);
    return character;
  });
}

function checkFamily({ name, type, unit, help, samples }: MetricFamily): void {
  if (suffixes[type] === undefined) throw new Error(`An unknown type: ${name}`);
  if (unit !== '' && !name.endsWith(`_${unit}`)) throw new Error(`The name has not its unit: ${name}`);
  if (help === '' || samples.length === 0) throw new Error(`Not whole: ${name}`);
  if (/_(?:total|info|bucket|count|sum|created)$/.test(name)) throw new Error(`The name has the suffix of a sample: ${name}`);
  if (type !== 'gauge' && samples.some(({ value }) => value < 0)) throw new Error(`Below 0: ${name}`);
  if (type === 'info' && samples.some(({ value }) => value !== 1)) throw new Error(`An info is not 1: ${name}`);
  if (type === 'histogram') checkHistogram(name, samples);
}

function checkHistogram(name: string, samples: readonly MetricSample[]): void {
  const buckets = samples.filter((one) => one.name === `${name}_bucket`);
  const bounds = buckets.map(({ labels: { le = '' } }) => {
    if (!/^(?:\+Inf|\d+\.\d+)$/.test(le)) throw new Error(`Not a bound of ${name}: ${le}`);
    return le === '+Inf' ? Infinity : Number(le);
  });
  const rises = (values: readonly number[], strictly: boolean): boolean =>
    values.every((value, index) => index === 0 || value - (values[index - 1] ?? 0) >= (strictly ? Number.MIN_VALUE : 0));
  const counts = buckets.map(({ value }) => value);
  if (!rises(bounds, true) || bounds.at(-1) !== Infinity) throw new Error(`Bounds of ${name} do not rise to +Inf`);
  if (!rises(counts, false)) throw new Error(`Counts of ${name} fall`);
  if (samples.find((one) => one.name === `${name}_count`)?.value !== counts.at(-1)) throw new Error(`${name}_count is another`);
  if (!samples.some((one) => one.name === `${name}_sum`)) throw new Error(`${name} has no sum`);
}

/** Of two scrapes, the samples that must not fall and did, or are gone. */
export function fallen(before: ReadonlyMap<string, MetricFamily>, after: ReadonlyMap<string, MetricFamily>): string[] {
  const keyOf = ({ name, labels }: MetricSample): string => JSON.stringify([name, labels]);
  const rising = [...before.values()].filter(({ type }) => type !== 'gauge');
  const later = new Map([...after.values()].flatMap(({ samples }) => samples.map((one) => [keyOf(one), one.value])));
  return rising.flatMap(({ samples }) => samples.filter((one) => !((later.get(keyOf(one)) ?? -1) >= one.value)).map(keyOf));
}
