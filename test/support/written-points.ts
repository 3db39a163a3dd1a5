import type { Row } from '../servers/influxdb.ts';
import type { Remotes } from './remotes.ts';

/** The points of an agent as InfluxDB has them: one row each, its fields and tags as columns. */
export interface WrittenPoints {
  /** The newest point of each pod or container. */
  last(measurement: string, filter?: string): Promise<Row[]>;
  /** All points since a moment, oldest first. `filter` is an expression of Flux on a row `r`. */
  since(time: Date, measurement: string, filter?: string): Promise<Row[]>;
}

export function writtenPoints({ bucket, query }: Pick<Remotes['influx'], 'bucket' | 'query'>): WrittenPoints {
  /** Those older than the newest heartbeat: InfluxDB may show some fields of a batch before the others, but one batch at a time. */
  async function select(start: string, measurement: string, filter: string): Promise<string> {
    const [beat] = await query(`from(bucket: "${bucket}") |> range(start: -1h)
      |> filter(fn: (r) => r._measurement == "podgauge" and r._field == "sequence") |> last()`);
    const end = String(beat?.['_time'] ?? '1970-01-01T00:00:00Z');
    return `from(bucket: "${bucket}") |> range(start: ${start})
      |> filter(fn: (r) => r._measurement == "${measurement}" and (${filter}) and r._time < ${end})
      |> drop(columns: ["_start", "_stop"]) |> pivot(rowKey: ["_time"], columnKey: ["_field"], valueColumn: "_value")`;
  }

  return {
    async last(measurement, filter = 'true') {
      const points = await select('-1h', measurement, filter);
      return query(`${points} |> group(columns: ["pod", "container"]) |> sort(columns: ["_time"]) |> last(column: "_time")`);
    },
    async since(time, measurement, filter = 'true') {
      const points = await select(time.toISOString(), measurement, filter);
      return query(`${points} |> group() |> sort(columns: ["_time"])`);
    },
  };
}
