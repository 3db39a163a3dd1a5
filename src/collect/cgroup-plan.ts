import type { Measurement } from '../metrics/measurements.ts';
import { rowsOf } from '../metrics/table.ts';
import type { TableRow } from '../metrics/table.ts';
import { cgroupFile, isOfEveryTree, scaleOf } from './cgroup-files.ts';
import type { CgroupFile, ValuesParser } from './cgroup-files.ts';
import type { CollectorName } from '../metrics/collectors.ts';

/** One file of a cgroup, and where its values go. */
export interface PlannedFile {
  readonly name: string;
  readonly collector: CollectorName;
  readonly controller: CgroupFile['controller'];
  readonly parser: ValuesParser;
  /** Where each value of the parser stands in a reading. */
  readonly slots: readonly number[];
  /** Which of them are multiplied, and with what. */
  readonly scaled: readonly Scaled[];
}

export interface Scaled {
  readonly slot: number;
  readonly factor: number;
}

/** The files that one collector reads every cycle. */
export interface HotGroup {
  readonly collector: CollectorName;
  readonly files: readonly PlannedFile[];
}

/** What is read of every cgroup that is written to one measurement: the rows of the metric table, turned around. */
export interface CgroupPlan {
  readonly hot: readonly HotGroup[];
  /** Some of a hot file, too, where it has what is not written every cycle. */
  readonly rare: readonly PlannedFile[];
  readonly limits: readonly PlannedFile[];
}

export interface PlanOptions {
  readonly measurement: Measurement;
  readonly version: 1 | 2;
  readonly collectors: readonly CollectorName[];
  /** Whether a tree of cgroup v2 is mounted beside v1. */
  readonly isHybrid?: boolean;
}

/** The file of a cgroup, and maybe the key in it, that a row comes from. */
function originOf({ v1, v2 }: TableRow, { version, isHybrid = false }: PlanOptions): string | undefined {
  if (version === 2) return v2;
  return v1 ?? (isHybrid && isOfEveryTree(v2) ? v2 : undefined);
}

export function planCgroup(options: PlanOptions): CgroupPlan {
  const { measurement, version, collectors } = options;
  const wanted = new Map<string, { name: string; isRare: boolean; keys: string[]; slots: number[]; scaled: Scaled[] }>();
  for (const [slot, row] of rowsOf(measurement).entries()) {
    const origin = originOf(row, options);
    if (origin === undefined) continue;
    const [name = origin, key] = origin.split(' ');
    const isRare = row.pace === 'rare';
    const id = `${name} ${isRare}`;
    let part = wanted.get(id);
    if (part === undefined) wanted.set(id, (part = { name, isRare, keys: [], slots: [], scaled: [] }));
    if (key !== undefined) part.keys.push(key);
    part.slots.push(slot);
    const factor = scaleOf(name, key);
    if (factor !== 1) part.scaled.push({ slot, factor });
  }
  const hot = new Map<CollectorName, PlannedFile[]>();
  const rare: PlannedFile[] = [];
  const limits: PlannedFile[] = [];
  for (const { name, isRare, keys, slots, scaled } of wanted.values()) {
    const file = cgroupFile(version, name);
    if (file === undefined || !collectors.includes(file.collector)) continue;
    const { collector, controller } = file;
    const planned = { name, collector, controller, parser: file.parser(keys), slots, scaled };
    if (isRare || file.pace === 'rare') rare.push(planned);
    else if (file.pace === 'limit') limits.push(planned);
    else {
      const group = hot.get(file.collector);
      if (group === undefined) hot.set(file.collector, [planned]);
      else group.push(planned);
    }
  }
  return { hot: Array.from(hot, ([collector, files]) => ({ collector, files })), rare, limits };
}
