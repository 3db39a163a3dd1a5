/** The agent's cycles as InfluxDB holds them: all points of a cycle have its heartbeat's time. */
import type { InfluxDbServer, Row } from '../servers/influxdb.ts';
import { until } from './until.ts';

export interface InfluxCycles {
  /** The heartbeats since a moment, oldest first, their fields as columns. */
  beats(from: Date): Promise<Row[]>;
  /** Waits for so many heartbeats of cycles that took less than `milliseconds`, and returns these. */
  inTime(from: Date, count: number, milliseconds: number): Promise<Row[]>;
  /** How many series of a measurement have a field, by time of the cycle. */
  counts(from: Date, measurement: string, filter: string): Promise<ReadonlyMap<unknown, unknown>>;
  /** The points of one moment, their tags and fields as columns: a row for each series. */
  at(time: unknown, measurement: string, filter: string): Promise<Row[]>;
  /** The last whole point of each series, its tags and fields as columns: a row for each series. */
  last(measurement: string, filter?: string): Promise<Row[]>;
}

/** Of the agent that writes under this name of a cluster. */
export function influxCycles(influx: InfluxDbServer, cluster: string): InfluxCycles {
  const points = (from: Date, filter: string): string =>
    `from(bucket: "${influx.bucket}") |> range(start: ${from.toISOString()}) |> filter(fn: (r) => r.cluster == "${cluster}" and ${filter})`;
  const pivot =
    '|> pivot(rowKey: ["_time"], columnKey: ["_field"], valueColumn: "_value") |> drop(columns: ["_start", "_stop"])';
  async function beats(from: Date): Promise<Row[]> {
    const rows = await influx.query(`${points(from, 'r._measurement == "podgauge"')} ${pivot} |> sort(columns: ["_time"])`);
    // A point that is being written shows field by field.
    return rows.filter((row) => !Object.values(row).includes(null));
  }

  return {
    beats,
    async inTime(from, count, milliseconds) {
      let found: Row[] = [];
      await until(
        `${count} cycles in time`,
        async () => {
          found = (await beats(from)).filter((beat) => Number(beat['cycle_duration_nanoseconds']) < milliseconds * 1e6);
          return found.length >= count;
        },
        { seconds: 180, describe: () => `there were ${found.length}` },
      );
      return found;
    },
    async counts(from, measurement, filter) {
      const rows = await influx.query(
        `${points(from, `r._measurement == "${measurement}" and (${filter})`)} |> group(columns: ["_time"]) |> count()`,
      );
      return new Map(rows.map((row) => [row['_time'], row['_value']]));
    },
    at(time, measurement, filter) {
      const ofTime = `r._measurement == "${measurement}" and (${filter}) and r._time == ${String(time)}`;
      return influx.query(`${points(new Date(0), ofTime)} ${pivot}`);
    },
    async last(measurement, filter = 'true') {
      // Ahead of the newest heartbeat: a point that is being written shows field by field.
      const [beat] = await influx.query(
        `${points(new Date(0), 'r._measurement == "podgauge" and r._field == "sequence"')} |> last()`,
      );
      const end = String(beat?.['_time'] ?? '1970-01-01T00:00:00Z');
      const complete = `r._measurement == "${measurement}" and (${filter}) and r._time < ${end}`;
      return influx.query(`${points(new Date(0), complete)} ${pivot} |> sort(columns: ["_time"]) |> tail(n: 1)`);
    },
  };
}
