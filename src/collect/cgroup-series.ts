import { nextOnGrid, phaseOf } from '../grid.ts';
import { scale } from '../host/count.ts';
import { openKernelFile } from '../host/kernel-file.ts';
import type { KernelFile } from '../host/kernel-file.ts';
import type { Controller } from '../locate/hierarchy.ts';
import type { Measurement } from '../metrics/measurements.ts';
import { indexesOf } from '../metrics/table.ts';
import { blankOf } from '../metrics/values.ts';
import type { Resources, Tags, Values } from '../model.ts';
import { openExtras } from './cgroup-extras.ts';
import { createCgroupPlaces } from './cgroup-places.ts';
import type { PlannedFile } from './cgroup-plan.ts';
import type { Host } from './host.ts';
import type { Meter } from './meters.ts';
import type { Reading, Series } from './reading.ts';

/** One cgroup that is read every cycle, and the series it is written to. */
export interface CgroupSeries extends Series {
  /** Reads until `deadline` (monotonic milliseconds) passes; what is not read by then stays absent. */
  read(deadline: number): Reading;
  /** Reads what it counts all at once, the rare files too: there may not be another time. */
  readLast(): Reading;
  /** Reads one of the files that are read every cycle, and nothing else; `undefined` where it is not one of those. */
  readFile(name: string): Reading | undefined;
  /** What the specification asks for, written with every reading from now on. */
  specify(requests: Resources): void;
  close(): void;
}

export interface SeriesOptions {
  readonly measurement: Measurement;
  readonly tags: Tags;
  readonly path: string;
  /** What its rates are kept under, where that is not the path. */
  readonly key?: string;
  /** Whose problems they are: a pod's UID. */
  readonly owner: string;
}

interface OpenFile {
  readonly planned: PlannedFile;
  readonly file: KernelFile;
}

/** What changes rarely is read this often, each cgroup's in another cycle; at least once every cycle that is longer. */
const rareMilliseconds = 30_000;

/** Attaches to one cgroup all that is wanted of it. No file is opened before the first read. */
export function openCgroupSeries(host: Host, { measurement, tags, path, key = path, owner }: SeriesOptions): CgroupSeries {
  const at = indexesOf(measurement);
  const clockSlot = at.cpu_usage_core_nanoseconds ?? -1;
  const opened: KernelFile[] = [];
  const placeOf = createCgroupPlaces(host, path, owner);
  const open = (controller: Controller, name: string, keep: boolean, inode = false): KernelFile | undefined => {
    const place = placeOf(controller);
    if (place === undefined) return undefined;
    const file = openKernelFile(place, { name, keep, inode, single: true });
    opened.push(file);
    return file;
  };
  const openAll = (files: readonly PlannedFile[], keep: boolean): readonly OpenFile[] =>
    files.flatMap((planned) => {
      const file = hotFile(planned.name) ?? open(planned.controller, planned.name, keep, planned.slots.includes(clockSlot));
      return file === undefined ? [] : [{ planned, file }];
    });

  const plan = host.plan(measurement);
  const groups: { readonly meter: Meter; readonly files: readonly OpenFile[] }[] = [];
  const hotFile = (name: string): KernelFile | undefined =>
    groups.flatMap(({ files }) => files).find(({ planned }) => planned.name === name)?.file;
  for (const { collector, files: planned } of plan.hot) {
    const files = openAll(planned, true);
    if (files.length > 0) groups.push({ meter: host.meters[collector], files });
  }
  const limits = openAll(plan.limits, false);
  const rare = openAll(plan.rare, false);
  const extras = openExtras(host, { measurement, path, open: (controller, name) => open(controller, name, false) });
  /** The file that the counter of CPU time is in: its rate is by the moment at which that was read, and by its inode. */
  const clock = groups.flatMap(({ files }) => files).find(({ planned }) => planned.slots.includes(clockSlot))?.file;
  /** What every reading starts from: limits, and what is requested. */
  const kept = blankOf(measurement);
  const phase = phaseOf(path, rareMilliseconds);
  let rareAt = -Infinity;

  const series = { measurement, tags, key };

  function readFiles(startedAt: number, deadline: number, isRare: boolean): Reading {
    let values = kept.slice();
    let seen = groups.length === 0;
    let now = isRare ? host.now() : startedAt;
    for (const { meter, files } of groups) {
      if (now > deadline) break;
      for (const each of files) if (readInto(values, each)) seen = true;
      const then = host.now();
      meter.milliseconds += then - now;
      meter.reads += 1;
      now = then;
    }
    if (isRare) readRarely(host, values, rare);
    // It ended, or its time was up: what is kept of it is no point of this moment.
    if (!seen) values = blankOf(measurement);
    return { series, values, at: startedAt, readAt: clock?.readAt, inode: clock?.inode };
  }

  return {
    ...series,
    read(deadline) {
      const startedAt = host.now();
      const isRare = startedAt >= rareAt;
      if (isRare) {
        rareAt = nextOnGrid(startedAt, rareMilliseconds, phase);
        readRarely(host, kept, limits);
        extras.read(kept);
      }
      return readFiles(startedAt, deadline, isRare);
    },
    readLast() {
      for (const file of opened) file.wake();
      const reading = readFiles(host.now(), Infinity, true);
      // It came and went between two cycles.
      if (rareAt === -Infinity) readRarely(host, reading.values, limits);
      return reading;
    },
    readFile(name) {
      const found = groups.flatMap(({ files }) => files).find(({ planned }) => planned.name === name);
      if (found === undefined) return undefined;
      const values = blankOf(measurement);
      const startedAt = host.now();
      // Who asks for it alone was told of a change: by the kernel, which has it ready, so that only this process can have been slow.
      found.file.wake();
      readInto(values, found);
      return { series, values, at: startedAt };
    },
    specify({ cpuNanocores, memoryBytes }) {
      if (at.cpu_request_nanocores !== undefined) kept[at.cpu_request_nanocores] = cpuNanocores;
      if (at.memory_request_bytes !== undefined) kept[at.memory_request_bytes] = memoryBytes;
    },
    close() {
      for (const file of opened) file.close();
    },
  };
}

/** The time of each goes to its own collector: cgroups are what is counted, once a cycle. */
function readRarely(host: Host, values: Values, files: readonly OpenFile[]): void {
  let now = host.now();
  for (const each of files) {
    readInto(values, each);
    const then = host.now();
    host.meters[each.planned.collector].milliseconds += then - now;
    now = then;
  }
}

/** What cannot be read is absent: a limit that was known before is known no longer. False where the whole file is. */
function readInto(values: Values, { file, planned }: OpenFile): boolean {
  const { parser, slots, scaled } = planned;
  const read = file.parse(parser);
  for (let i = 0; i < slots.length; i += 1) values[slots[i] ?? 0] = read?.[i];
  if (read === undefined) return false;
  for (const { slot, factor } of scaled) {
    const value = values[slot];
    if (typeof value === 'number' || typeof value === 'bigint') values[slot] = scale(value, factor);
  }
  return true;
}
