import type { Measurement } from '../metrics/measurements.ts';
import { rowsOf } from '../metrics/table.ts';
import { cgroupFile, scaleOf } from './cgroup-files.ts';
import type { CgroupFile, ValuesParser } from './cgroup-files.ts';
import type { CollectorName } from '../metrics/collectors.ts';

/** One file of a cgroup, and where its values go. */
export interface PlannedFile {
  readonly name: string;
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
}

export function planCgroup({ measurement, version, collectors }: PlanOptions): CgroupPlan {
  const wanted = new Map<string, { name: string; isRare: boolean; keys: string[]; slots: number[]; scaled: Scaled[] }>();
  for (const [slot, { v1, v2, pace }] of rowsOf(measurement).entries()) {
    const origin = version === 2 ? v2 : v1;
    if (origin === undefined) continue;
    const [name = origin, key] = origin.split(' ');
    const isRare = pace === 'rare';
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
    const planned = { name, controller: file.controller, parser: file.parser(keys), slots, scaled };
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
