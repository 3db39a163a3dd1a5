/** The heartbeats of an installed agent, and what goes by them: how long nothing was written, and whether a pod is written still. */
import type { Row } from '../../servers/influxdb.ts';
import { until } from '../until.ts';
import type { Site } from './site.ts';

export interface Beat {
  /** Unix times in milliseconds. */
  readonly time: number;
  /** When its process started. */
  readonly run: number;
  readonly sequence: number;
  readonly dropped: number;
  readonly rejected: number;
}

export interface Beats {
  /** All since a moment, oldest first. */
  since(moment: number): Promise<readonly Beat[]>;
  /** Resolves with the first so many after a moment, when there are as many. */
  next(count: number, after: number): Promise<readonly Beat[]>;
  /** Values after a moment of which all of this is true, in Flux; `then` is what becomes of each series. */
  points(after: number, filter: string, then?: string): Promise<Row[]>;
}

/** The worker's clock is its own: of what is now for InfluxDB nothing is known. */
const farAhead = '2100-01-01T00:00:00Z';
const fields = ['run', 'sequence', 'points_dropped', 'points_rejected'] as const;

/** Of the agent that writes under this name of a cluster. */
export function beatsOf({ influx }: Site, cluster: string): Beats {
  const from = (moment: number) =>
    `from(bucket: "${influx.bucket}") |> range(start: ${new Date(moment).toISOString()}, stop: ${farAhead}) |> filter(fn: (r) => r.cluster == "${cluster}")`;

  async function since(moment: number): Promise<readonly Beat[]> {
    const rows = await influx.query(`${from(moment)}
      |> filter(fn: (r) => r._measurement == "podgauge" and contains(value: r._field, set: ${JSON.stringify(fields)}))
      |> pivot(rowKey: ["_time"], columnKey: ["_field"], valueColumn: "_value")
      |> sort(columns: ["_time"])`);
    // A point that is being written shows field by field.
    return rows.filter((row) => fields.every((field) => typeof row[field] === 'number')).map(beatOf);
  }

  return {
    since,
    async next(count, after) {
      let found: readonly Beat[] = [];
      await until(`${count} heartbeats of ${cluster} after ${new Date(after).toISOString()}`, async () => {
        found = (await since(after)).filter(({ time }) => time > after);
        return found.length >= count;
      });
      return found.slice(0, count);
    },
    points: (after, filter, then = 'limit(n: 1)') =>
      influx.query(`${from(after + 1)} |> filter(fn: (r) => ${filter}) |> ${then}`),
  };
}

function beatOf(row: Row): Beat {
  return {
    time: Date.parse(String(row['_time'])),
    run: Number(row['run']),
    sequence: Number(row['sequence']),
    dropped: Number(row['points_dropped']),
    rejected: Number(row['points_rejected']),
  };
}

/** Those of each run, oldest first. */
export function byRun(beats: readonly Beat[]): readonly (readonly Beat[])[] {
  return [...Map.groupBy(beats, ({ run }) => run).values()];
}

/** Those whose number is not that of the one before and one: none where no cycle was lost. */
export function jumps(beats: readonly Beat[]): readonly Beat[] {
  return beats.filter(({ sequence }, i) => i > 0 && sequence !== (beats[i - 1]?.sequence ?? 0) + 1);
}
