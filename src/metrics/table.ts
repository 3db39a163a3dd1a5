/**
 * The one table of what podgauge writes. What is read of a cgroup, the types of fields and points, docs/metrics.md and the
 * checks of the dashboards come from it.
 */
import { cpuMetrics } from './cpu.ts';
import { deliveryMetrics } from './delivery.ts';
import { deviceMetrics } from './devices.ts';
import { fileSystemMetrics } from './file-systems.ts';
import { heartbeatMetrics } from './heartbeat.ts';
import type { Measurement } from './measurements.ts';
import { memoryEventMetrics } from './memory-events.ts';
import { memoryKindMetrics } from './memory-kinds.ts';
import { memoryReclaimMetrics } from './memory-reclaim.ts';
import { memoryMetrics } from './memory.ts';
import type { Metric } from './metric.ts';
import { networkMetrics } from './network.ts';
import { nodeStateMetrics } from './node-state.ts';
import { nodeMetrics } from './node.ts';
import { ioPressureMetrics } from './pressure-io.ts';
import { pressureMetrics } from './pressure.ts';
import { stateMetrics } from './state.ts';
import { taskMetrics } from './tasks.ts';

export const metrics = [
  ...cpuMetrics,
  ...memoryMetrics,
  ...memoryKindMetrics,
  ...memoryEventMetrics,
  ...memoryReclaimMetrics,
  ...pressureMetrics,
  ...ioPressureMetrics,
  ...taskMetrics,
  ...networkMetrics,
  ...deviceMetrics,
  ...fileSystemMetrics,
  ...stateMetrics,
  ...nodeMetrics,
  ...nodeStateMetrics,
  ...heartbeatMetrics,
  ...deliveryMetrics,
] as const;

export type FieldName = (typeof metrics)[number]['field'];

export type TableRow = Metric & { readonly field: FieldName };

const all: readonly TableRow[] = metrics;
const rowsByMeasurement = new Map<Measurement, readonly TableRow[]>();
const indexesByMeasurement = new Map<Measurement, Readonly<Partial<Record<FieldName, number>>>>();

/** The rows of a measurement, in the order in which its values stand in a reading. */
export function rowsOf(measurement: Measurement): readonly TableRow[] {
  let rows = rowsByMeasurement.get(measurement);
  if (rows === undefined) {
    rows = all.filter((row) => row.in.includes(measurement));
    rowsByMeasurement.set(measurement, rows);
  }
  return rows;
}

/** Where each field of a measurement stands in a reading. */
export function indexesOf(measurement: Measurement): Readonly<Partial<Record<FieldName, number>>> {
  let indexes = indexesByMeasurement.get(measurement);
  if (indexes === undefined) {
    indexes = Object.fromEntries(rowsOf(measurement).map(({ field }, index) => [field, index]));
    indexesByMeasurement.set(measurement, indexes);
  }
  return indexes;
}
