/** Points from two sources, line protocol and Flux, in one form that can be compared: exact, whatever the order of tags and fields. */
import type { InfluxDbServer } from '../servers/influxdb.ts';
import { parseLine } from '../unit/write/parse-line.ts';

export interface FlatPoint {
  /** Measurement and tags. */
  readonly series: string;
  /** Unix time in milliseconds. */
  readonly time: number;
  /** Each field's value as its exact digits. */
  readonly fields: Readonly<Record<string, string>>;
}

export const tagNames = [
  ...['cluster', 'container', 'interface', 'namespace', 'node', 'pod', 'qos', 'slice', 'workload', 'workload_kind'],
] as const;

export function flatPoint(line: string): FlatPoint {
  const { measurement, tags, fields, time } = parseLine(line);
  if (time % 1_000_000n !== 0n) throw new Error(`A time that is no whole millisecond: ${line}`);
  const values = Object.entries(fields).map(([name, value]) => [name, String(value)]);
  return { series: seriesOf(measurement, tags), time: Number(time / 1_000_000n), fields: Object.fromEntries(values) };
}

/** All points with that tag `cluster` that the bucket holds. */
export async function storedPoints({ query, bucket }: InfluxDbServer, cluster: string): Promise<FlatPoint[]> {
  // Integers as text: a number of JavaScript would not hold them all.
  const rows = await query(`from(bucket: "${bucket}") |> range(start: -1h) |> filter(fn: (r) => r.cluster == "${cluster}")
    |> drop(columns: ["_start", "_stop"]) |> map(fn: (r) => ({ r with _value: string(v: r._value) }))
    |> pivot(rowKey: ["_time"], columnKey: ["_field"], valueColumn: "_value")`);
  return rows.map(({ result: _result, table: _table, _measurement: measurement, _time: time, ...columns }) => {
    const tags: Record<string, string> = {};
    const fields: Record<string, string> = {};
    for (const [name, value] of Object.entries(columns)) {
      // What a series has no value for is an empty cell.
      if (typeof value !== 'string' || value === '') continue;
      const into = tagNames.some((tag) => tag === name) ? tags : fields;
      into[name] = value;
    }
    return { series: seriesOf(String(measurement), tags), time: Date.parse(String(time)), fields };
  });
}

function seriesOf(measurement: string, tags: Readonly<Record<string, string>>): string {
  return `${measurement},${pairs(tags)}`;
}

function pairs(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${value}`)
    .toSorted()
    .join(',');
}

/** One text a point, equal for equal points. */
export function pointSet(points: Iterable<FlatPoint>): Set<string> {
  return new Set(Iterator.from(points).map(({ series, time, fields }) => `${series} ${pairs(fields)} ${time}`));
}
