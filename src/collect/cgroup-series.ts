import { join } from 'node:path';
import type { Descriptors } from '../host/descriptors.ts';
import { openKernelFile } from '../host/kernel-file.ts';
import type { KernelFile } from '../host/kernel-file.ts';
import type { Controller, Hierarchy } from '../locate/hierarchy.ts';
import type { ProcessFinder } from '../locate/process.ts';
import { metrics } from '../metrics.ts';
import type { Measurement } from '../metrics.ts';
import type { Fields, Tags } from '../model.ts';
import type { Problems } from '../problems.ts';
import { cachedLimit } from './cached-limit.ts';
import type { CgroupFiles, CgroupValues, Collector } from './collector.ts';

/** What reading on the host needs, the same for all series. */
export interface Host {
  readonly hierarchy: Hierarchy;
  readonly procRoot: string;
  readonly descriptors: Descriptors;
  readonly problems: Problems;
  readonly collectors: readonly Collector[];
  readonly processes: ProcessFinder;
  /** Monotonic milliseconds. */
  now(): number;
}

/** One cgroup that is read every cycle, and the series it is written to. */
export interface CgroupSeries {
  readonly measurement: Measurement;
  readonly tags: Tags;
  /** Of the cgroup, in its hierarchies: what the bases of its rates are kept under. */
  readonly path: string;
  /** Reads until `deadline` (monotonic milliseconds) passes; what is not read by then stays absent. */
  read(deadline: number): CgroupValues;
  close(): void;
}

export interface SeriesOptions {
  readonly measurement: Measurement;
  readonly tags: Tags;
  readonly path: string;
  /** Whose problems they are: a pod's UID. */
  readonly owner: string;
}

/** Attaches every collector to one cgroup. No file is opened before the first read. */
export function openCgroupSeries(host: Host, { measurement, tags, path, owner }: SeriesOptions): CgroupSeries {
  const opened: KernelFile[] = [];
  const open = (controller: Controller, name: string, keep: boolean): KernelFile | undefined => {
    const directory = host.hierarchy.directory(controller, path);
    if (directory === undefined) return undefined;
    const file = openKernelFile({ ...host, path: join(directory, name), keep, owner, single: true });
    opened.push(file);
    return file;
  };
  const files: CgroupFiles = {
    version: host.hierarchy.version,
    hot: (controller, name) => open(controller, name, true),
    limit: (controller, name) => cachedLimit(open(controller, name, false), { now: host.now, seed: path }),
  };
  const reads = host.collectors.map((collector) => collector.attach(files));
  return {
    measurement,
    tags,
    path,
    read(deadline) {
      const values: CgroupValues = { fields: { ...blank }, cpuCounter: undefined };
      for (const read of reads) {
        if (host.now() > deadline) break;
        read(values);
      }
      return values;
    },
    close() {
      for (const file of opened) file.close();
    },
  };
}

/** Every field of a cgroup, unknown. Growing an object field by field would cost as much as reading a file. */
const blank: Fields = {};
for (const metric of metrics) {
  const holders: readonly Measurement[] = metric.in;
  if (holders.includes('k8s_container')) blank[metric.field] = undefined;
}
