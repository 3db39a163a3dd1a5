/** What rounds over the metric table found, and whether it is right. */
import type { Unit } from '../../src/metrics/metric.ts';
import type { TableRow } from '../../src/metrics/table.ts';
import type { KernelValue } from './kernel-values.ts';

/** A field of a point, and what the kernel says of it. */
export interface Seen {
  readonly row: TableRow;
  readonly measurement: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly value: KernelValue | undefined;
}

/** The same before and after the program read it, and what that said. */
export interface Result extends Seen {
  readonly after: KernelValue | undefined;
  readonly written: KernelValue | undefined;
}

export function nameOf({ measurement, tags, row }: Seen): string {
  return [measurement, ...Object.values(tags), row.field].join(' ');
}

export function describeResult(result: Result): string {
  return `${nameOf(result)}: ${result.written}, not from ${result.value} to ${result.after}`;
}

/** Of each gauge that no round found between the two looks, all results. */
export function neverNear(rounds: readonly (readonly Result[])[]): Result[] {
  const gauges = Map.groupBy(
    rounds.flat().filter(({ row }) => row.kind === 'gauge'),
    nameOf,
  );
  return [...gauges.values()].filter((results) => !results.some(isNear)).flat();
}

/** What the program itself adds to the node's gauges while it runs. */
const ownUse: Partial<Readonly<Record<Unit, bigint>>> = { bytes: 128n * 1024n * 1024n, count: 16n };

/** The same, or as far away as the program itself moves it. */
function isNear(result: Result): boolean {
  const { row, measurement, value, after, written } = result;
  const slack = measurement === 'k8s_node' ? ownUse[row.unit] : undefined;
  if (slack === undefined || typeof value !== 'bigint' || typeof after !== 'bigint') return isBetween(result);
  const [low, high] = value < after ? [value, after] : [after, value];
  return typeof written === 'bigint' && low - slack <= written && written <= high + slack;
}

export function isBetween({ value, after, written }: Result): boolean {
  if (value === undefined || after === undefined || written === undefined) return value === written || after === written;
  if (typeof value === 'string' || typeof value === 'boolean') return written === value || written === after;
  const isIn = (low: KernelValue, high: KernelValue): boolean => low <= written && written <= high;
  return typeof written === typeof value && (isIn(value, after) || isIn(after, value));
}
