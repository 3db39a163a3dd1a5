import type { KernelFile } from '../host/kernel-file.ts';
import type { Controller } from '../locate/hierarchy.ts';
import type { Count, Fields } from '../model.ts';

/** The files of one cgroup, in whichever hierarchies it lives. All are closed together when the cgroup is forgotten. */
export interface CgroupFiles {
  readonly version: 1 | 2;
  /** A file that is read every cycle: its descriptor is kept. `undefined` where the controller is not mounted. */
  hot(controller: Controller, name: string): KernelFile | undefined;
  /** A limit, which changes rarely: read anew only now and then. Gives `undefined` where there is no limit. */
  limit(controller: Controller, name: string): () => Count | undefined;
}

/** What was read of one cgroup, on its way through the stages. */
export interface CgroupValues {
  readonly fields: Fields;
  cpuCounter?: CpuCounter | undefined;
}

/** The CPU counter with what a rate needs. */
export interface CpuCounter {
  readonly usage: Count;
  /** Monotonic milliseconds at which it was read. */
  readonly at: number;
  /** Tells a cgroup that was made again under its old name. */
  readonly inode: number | bigint | undefined;
}

/** Puts into `values` what one collector knows of the cgroup it is attached to. What cannot be read stays absent. */
export type Read = (values: CgroupValues) => void;

export interface Collector {
  /** As `--collectors` names it. */
  readonly name: string;
  attach(files: CgroupFiles): Read;
}
