/** Plain data that crosses folders. No behaviour lives here. */
import type { FieldName, Measurement } from './metrics.ts';

/**
 * A count or amount as the kernel gave it. A `number` wherever that is exact, a `bigint` above 2^53 - 1: nanoseconds of CPU
 * pass that after 104 core-days.
 */
export type Count = number | bigint;

/** What one field of a point may hold. Integers of any size are exact; absent is `undefined` and is not written. */
export type FieldValue = Count | boolean | string;

/** Values of one series at one moment. A key that is absent or `undefined` was not known: never 0. */
export type Fields = { [Name in FieldName]?: FieldValue | undefined };

export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort' | 'unknown';

/** What of a pod's API object the rest of the way needs: a slim copy, its strings capped in size. */
export interface Pod {
  readonly uid: string;
  /** The UID the kubelet named the pod's cgroup by: for a static pod its config hash, not `metadata.uid`. */
  readonly cgroupUid: string;
  readonly namespace: string;
  readonly name: string;
  readonly workloadKind: string;
  readonly workload: string;
  readonly qos: QosClass;
  readonly hostNetwork: boolean;
  readonly containers: readonly Container[];
}

export interface Container {
  readonly name: string;
  /** The runtime's id without its `scheme://`; absent until the kubelet has reported it. */
  readonly id?: string;
  readonly state: 'running' | 'waiting' | 'terminated' | 'unknown';
}

/** The tags of one series, the same object for as long as the series lives: the encoder keeps its bytes by it. */
export type Tags = Readonly<Record<string, string>>;

/** One point on its way to the line protocol. */
export interface Sample {
  readonly measurement: Measurement;
  readonly tags: Tags;
  readonly fields: Fields;
  /** Unix time in milliseconds at which the values were read. */
  readonly time: number;
}
