/** Points from two sources, line protocol and Flux, in one form that can be compared: exact, whatever the order of tags and fields. */
import { measurements } from '../../src/metrics/measurements.ts';
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

const tagNames: ReadonlySet<string> = new Set(Object.values(measurements).flatMap(({ tags }) => tags));

export function flatPoint(line: string): FlatPoint {
  const { measurement, tags, fields, time } = parseLine(line);
  if (time % 1_000_000n !== 0n) throw new Error(`A time that is no whole millisecond: ${line}`);
  const values = Object.entries(fields).map(([name, value]) => [name, String(value)]);
  return { series: seriesOf(measurement, tags), time: Number(time / 1_000_000n), fields: Object.fromEntries(values) };
}

/** All points with that tag `cluster` that the bucket holds. Read as CSV, whose numbers have all their digits. */
export async function storedPoints({ url, org, bucket, token }: InfluxDbServer, cluster: string): Promise<FlatPoint[]> {
  const response = await fetch(`${url}/api/v2/query?org=${org}`, {
    method: 'POST',
    headers: { authorization: `Token ${token}`, 'content-type': 'application/vnd.flux', accept: 'application/csv' },
    body: `from(bucket: "${bucket}") |> range(start: -1h) |> filter(fn: (r) => r.cluster == "${cluster}")
      |> drop(columns: ["_start", "_stop"]) |> pivot(rowKey: ["_time"], columnKey: ["_field"], valueColumn: "_value")`,
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`InfluxDB answered a query with ${response.status}: ${text}`);
  return text.split('\r\n\r\n').flatMap(pointsOfTables);
}

/** Tables with the same columns: a head and a row for each point. */
function pointsOfTables(csv: string): FlatPoint[] {
  const [head = '', ...rows] = csv.split('\r\n').filter((row) => row !== '');
  const columns = head.split(',');
  return rows.map((row) => {
    const cells = row.split(',');
    if (row.includes('"') || cells.length !== columns.length) throw new Error(`A row that is not as expected: ${row}`);
    return pointOfRow(columns, cells);
  });
}

function pointOfRow(columns: readonly string[], cells: readonly string[]): FlatPoint {
  const own: Record<string, string> = {};
  const tags: Record<string, string> = {};
  const fields: Record<string, string> = {};
  for (const [i, name] of columns.entries()) {
    const value = cells[i] ?? '';
    // What a point has no value for is an empty cell.
    if (value !== '') groupOf(name)[name] = value;
  }
  function groupOf(name: string): Record<string, string> {
    if (['', 'result', 'table', '_time', '_measurement'].includes(name)) return own;
    return tagNames.has(name) ? tags : fields;
  }
  return { series: seriesOf(own['_measurement'] ?? '', tags), time: Date.parse(own['_time'] ?? ''), fields };
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

/** Whether it is the agent's own point of a cycle. */
function isBeat({ series }: FlatPoint): boolean {
  return series.startsWith('podgauge,');
}

/** Whether it is another one that the agent writes of itself. */
function isOwn({ series }: FlatPoint): boolean {
  return series.startsWith('podgauge_');
}

/** The value of a number field, which must be there. */
export function number(point: FlatPoint | undefined, field: string): number {
  const value = point?.fields[field];
  if (value === undefined) throw new Error(`No ${field} in ${JSON.stringify(point)}`);
  return Number(value);
}

function inOrder(points: readonly FlatPoint[]): FlatPoint[] {
  return points.toSorted((one, other) => one.time - other.time);
}

export interface CyclePoints {
  readonly beat: FlatPoint;
  /** What was read in it. */
  readonly points: readonly FlatPoint[];
  /** What the agent told of itself beside the heartbeat. */
  readonly own: readonly FlatPoint[];
}

export function sequenceOf(cycle: CyclePoints | undefined): number {
  return number(cycle?.beat, 'sequence');
}

/** In their order. A point that was read late carries its own time, but none is later than the next heartbeat. */
export function cyclesOf(points: readonly FlatPoint[]): CyclePoints[] {
  const cycles: { readonly beat: FlatPoint; readonly points: FlatPoint[]; readonly own: FlatPoint[] }[] = [];
  for (const beat of inOrder(points.filter(isBeat))) cycles.push({ beat, points: [], own: [] });
  let at = 0;
  for (const point of inOrder(points)) {
    while ((cycles[at + 1]?.beat.time ?? Infinity) <= point.time) at += 1;
    if (isOwn(point)) cycles[at]?.own.push(point);
    else if (!isBeat(point)) cycles[at]?.points.push(point);
  }
  return cycles;
}

/** Points of one that the other has not; few of them, to be read. */
export function missingIn(one: ReadonlySet<string>, other: ReadonlySet<string>): string[] {
  return Array.from(one.difference(other)).slice(0, 5);
}
