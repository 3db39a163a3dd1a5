import { measuredNow } from './document.ts';
import { bytes, group } from './scale-format.ts';
import type { SizesMeasured } from './sizes.ts';

interface Total {
  points: number;
  bytes: number;
  readonly series: Set<string>;
}

const warmUpBeats = 6;

/** The text of docs/sizing.md between its marks. */
export function sizesReport({
  pods,
  containers,
  periodMs,
  cycles,
  lines,
  sentBytes,
  series,
  storedBytes,
}: SizesMeasured): string {
  const byMeasurement = new Map<string, Total>();
  let written = 0;
  for (const line of lines) {
    const key = line.slice(0, line.search(/(?<!\\) /));
    const measurement = key.slice(0, key.indexOf(','));
    const total = byMeasurement.get(measurement) ?? { points: 0, bytes: 0, series: new Set<string>() };
    byMeasurement.set(measurement, total);
    const size = Buffer.byteLength(line) + 1;
    written += size;
    total.points += 1;
    total.bytes += size;
    total.series.add(key);
  }
  const rows = Array.from(byMeasurement).toSorted(([a], [b]) => a.localeCompare(b));
  return [
    `${measuredNow()}, cgroup v1: ${pods} pods of ${containers / pods} containers that all do something, all collectors, every ` +
      `${periodMs / 1000} s, ${cycles} times, into InfluxDB 2.`,
    '',
    '| measurement | series | points of one in a minute | bytes of a point as line protocol |',
    '|--|--|--|--|',
    ...rows.map(([measurement, total]) => {
      const perMinute = (total.points / total.series.size / cycles) * (60_000 / periodMs);
      const cells = [`\`${measurement}\``, total.series.size, perMinute.toFixed(2), (total.bytes / total.points).toFixed(0)];
      return `| ${cells.join(' | ')} |`;
    }),
    '',
    `In all ${group(lines.size)} points of ${group(series)} series: ${bytes(written)} as line protocol, ${bytes(sentBytes)} as they were sent, ` +
      `${bytes(storedBytes)} in InfluxDB after compaction.`,
    '',
    ...ownCost(lines, containers),
    '',
    '| of a point, on average | bytes |',
    '|--|--|',
    `| as line protocol | ${(written / lines.size).toFixed(0)} |`,
    `| on the wire and in the queue, compressed | ${(sentBytes / lines.size).toFixed(1)} |`,
    `| stored by InfluxDB, compacted | ${(storedBytes / lines.size).toFixed(1)} |`,
  ].join('\n');
}

/** By its heartbeats, without the first of them, whose cycles found the pods. */
function ownCost(lines: ReadonlySet<string>, containers: number): string[] {
  const all = Array.from(lines).filter((line) => line.startsWith('podgauge,') && line.includes(`,containers=${containers}i,`));
  const beats = all.slice(warmUpBeats);
  const mean = (field: string): number => {
    let sum = 0;
    for (const beat of beats) sum += Number(new RegExp(`[ ,]${field}=(\\d+)i`).exec(beat)?.[1]);
    return sum / beats.length;
  };
  const cells = [
    `${(mean('cycle_cpu_nanoseconds') / 1e6).toFixed(1)} ms`,
    `${(mean('rss_bytes') / 2 ** 20).toFixed(1)} MiB`,
    mean('descriptors').toFixed(0),
    mean('points').toFixed(0),
  ];
  return [
    `podgauge itself, by the mean of ${beats.length} heartbeats:`,
    '',
    '| containers | CPU of a cycle | RSS | descriptors | points of a cycle |',
    '|--|--|--|--|--|',
    `| ${[containers, ...cells].join(' | ')} |`,
  ];
}
