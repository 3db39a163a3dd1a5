/** What is known of the file systems of a node and of its pods at one moment, wherever it comes from. */
import type { Count } from '../model.ts';

/** Bytes and inodes of one file system, or of what one owner takes of it; each absent where the source does not know it. */
export interface Usage {
  /** Unix time in milliseconds at which this was measured, which may be minutes before the report. */
  readonly at: number;
  readonly usedBytes?: Count | undefined;
  readonly availableBytes?: Count | undefined;
  readonly capacityBytes?: Count | undefined;
  readonly inodesUsed?: Count | undefined;
  readonly inodesFree?: Count | undefined;
  readonly inodes?: Count | undefined;
}

export interface ContainerFileSystems {
  readonly name: string;
  /** Used: the writable layer alone. The rest: the whole file system that it lies on. */
  readonly rootfs?: Usage | undefined;
  /** Used: the container's log. The rest: the whole file system that it lies on. */
  readonly logs?: Usage | undefined;
}

export interface VolumeUsage {
  /** As the pod's spec calls it. */
  readonly name: string;
  /** The claim's name, in the pod's own namespace; absent for a volume without one. */
  readonly claim?: string | undefined;
  readonly usage: Usage;
}

export interface PodFileSystems {
  /** The UID that the kubelet runs the pod under: `Pod.cgroupUid`. */
  readonly uid: string;
  /** Each name once. */
  readonly containers: readonly ContainerFileSystems[];
  /** All that counts against limits on `ephemeral-storage`: layers, logs and `emptyDir` volumes on disk. */
  readonly ephemeral?: Usage | undefined;
  /** Each name once. */
  readonly volumes: readonly VolumeUsage[];
}

export interface NodeFileSystems {
  /** The kubelet's own: volumes, logs. */
  readonly root?: Usage | undefined;
  /** Where the runtime keeps images. */
  readonly images?: Usage | undefined;
  /** Where the runtime keeps writable layers: often the same file system. */
  readonly containers?: Usage | undefined;
}

export interface FileSystemReport {
  /** Unix time in milliseconds at which it was taken. */
  readonly at: number;
  readonly node: NodeFileSystems;
  /** By UID, the same as `PodFileSystems.uid`. */
  readonly pods: ReadonlyMap<string, PodFileSystems>;
}

export interface FileSystemSource {
  /** The last report: another object for each. `undefined` before the first, and again when the source has failed since. */
  readonly report: FileSystemReport | undefined;
  readonly stats: FileSystemStats;
  /** Reports each period until the signal aborts, then resolves; never rejects. To be called once. */
  run(signal: AbortSignal): Promise<void>;
}

/** Counts since the start. */
export interface FileSystemStats {
  /** Reports tried for. */
  readonly requests: number;
  /** Of these, those that gave none. */
  readonly failures: number;
  /** Of the failures, those for want of a right or of trust, which no waiting cures. */
  readonly refused: number;
  /** `at` of the last report there was, kept or not. */
  readonly lastAt: number | undefined;
}
