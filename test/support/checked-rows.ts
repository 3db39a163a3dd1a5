/** Which rows of the metric table that no file of a cgroup decides on are checked, and by what. */
import { measurements } from '../../src/metrics/measurements.ts';
import type { Measurement } from '../../src/metrics/measurements.ts';
import type { FieldName, TableRow } from '../../src/metrics/table.ts';
import type { Point } from '../unit/write/parse-line.ts';
import { expectedPoints, type ExpectedPoint } from './expected-points.ts';
import { isOfSockets, isToldByNode } from './node-values.ts';

/** What test/golden/rows-derived.test.ts works out of other fields, or of the specification. */
export const derivedRows = [
  ['memory_working_set_bytes', ['k8s_container', 'k8s_pod', 'k8s_system', 'k8s_node']],
  ['memory_available_bytes', ['k8s_container', 'k8s_pod', 'k8s_system']],
  ['memory_working_set_share_of_limit', ['k8s_container', 'k8s_pod', 'k8s_system']],
  ['memory_working_set_share_of_request', ['k8s_container', 'k8s_pod']],
  ['cpuset_cpu_count', ['k8s_container', 'k8s_pod', 'k8s_system']],
  ['cpu_request_nanocores', ['k8s_container', 'k8s_pod']],
  ['memory_request_bytes', ['k8s_container', 'k8s_pod']],
  ['memory_without_file_cache_bytes', ['k8s_container', 'k8s_pod', 'k8s_system']],
  ['swap_available_bytes', ['k8s_container', 'k8s_pod', 'k8s_system']],
] as const satisfies readonly (readonly [FieldName, readonly Measurement[]])[];

const points: readonly ExpectedPoint[] = Object.values(expectedPoints);

/** Whether a row that no file decides on has a check by value in a measurement. */
export function isCheckedByValue({ field }: TableRow, measurement: Measurement): boolean {
  const isDerived = derivedRows.some(([name, all]) => name === field && all.some((one) => one === measurement));
  return isDerived || points.some((point) => point.in.includes(measurement) && point.fields[field] !== undefined);
}

const ofKernel: readonly string[] = ['k8s_node', 'k8s_pod', 'k8s_node_network', 'k8s_pod_network'];

/** Whether rows-of-node.test.ts checks a row in a measurement; of a pod that is what its sockets say. */
export function isToldBesideCgroup(row: TableRow, measurement: string): boolean {
  if (row.source === undefined || !ofKernel.includes(measurement)) return false;
  return measurement === 'k8s_pod' ? isOfSockets(row) : isToldByNode(row);
}

/** Throws for a point that the table knows nothing of. */
export function measurementOf({ measurement }: Pick<Point, 'measurement'>): Measurement {
  if (!isMeasurement(measurement)) throw new Error(`No measurement of the table: ${measurement}`);
  return measurement;
}

function isMeasurement(name: string): name is Measurement {
  return name in measurements;
}
