/** Plain data that crosses folders. No behaviour lives here. */
import type { Measurement } from './metrics/measurements.ts';
import type { FieldName } from './metrics/table.ts';

/**
 * A count or amount as the kernel gave it. A `number` wherever that is exact, a `bigint` above 2^53 - 1: nanoseconds of CPU
 * pass that after 104 core-days.
 */
export type Count = number | bigint;

/**
 * What one field of a point may hold. Integers of any size are exact; a `number` is a float where the unit of the field is
 * one. Absent is `undefined` and is not written.
 */
export type FieldValue = Count | boolean | string;

/** Values of one series at one moment, in the order of the rows of its measurement. `undefined` was not known: never 0. */
export type Values = (FieldValue | undefined)[];

/** The same by the names of the fields: for what is written seldom. */
export type Fields = { readonly [Name in FieldName]?: FieldValue | undefined };

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
  /** Values of the allowed keys that the pod has; absent where it has none. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** What only the API server tells; absent for a pod that is known from the cgroup tree or from the last run alone. */
  readonly api?: PodState;
  /** Stands in for what the API server has not named yet: no point may carry its name. */
  readonly unnamed?: true;
}

/** A label or an annotation of pods that is written, and the name of the tag or the field that it is written to. */
export interface PodProperty {
  readonly from: 'label' | 'annotation';
  readonly key: string;
  readonly name: string;
}

export interface Container {
  readonly name: string;
  /** The runtime's id without its `scheme://`; absent until the kubelet has reported it. */
  readonly id?: string;
  readonly state: 'running' | 'waiting' | 'terminated' | 'unknown';
  /** What only the API server tells; absent for a container that is known from the cgroup tree alone. */
  readonly api?: ContainerState;
}

/** Amounts of a pod, a container or a node. What is not asked for, not limited or not known is absent. */
export interface Resources {
  readonly cpuNanocores?: Count | undefined;
  readonly memoryBytes?: Count | undefined;
  readonly ephemeralStorageBytes?: Count | undefined;
}

/** What a pod's object says beside its identity. Times are Unix time in milliseconds. */
export interface PodState {
  readonly phase?: string | undefined;
  /** Why it is in that phase: `Evicted`, for one. */
  readonly reason?: string | undefined;
  readonly ready?: boolean | undefined;
  /** When the kubelet took it on. */
  readonly startTime?: number | undefined;
  /** Whether its deletion has begun. */
  readonly terminating: boolean;
  readonly priority?: number | undefined;
  readonly priorityClassName?: string | undefined;
  readonly runtimeClassName?: string | undefined;
  readonly restartPolicy?: string | undefined;
  /** Of the pod as a whole, its overhead included. */
  readonly requests: Resources;
  readonly limits: Resources;
}

/** `sidecar` is an init container that runs on beside the others (`restartPolicy: Always`). */
export type ContainerKind = 'container' | 'init' | 'sidecar' | 'ephemeral';

/** What a pod's object says of a container beside its identity. Times are Unix time in milliseconds. */
export interface ContainerState {
  readonly kind: ContainerKind;
  readonly image?: string | undefined;
  readonly imageId?: string | undefined;
  readonly ready?: boolean | undefined;
  readonly started?: boolean | undefined;
  readonly restartCount?: number | undefined;
  /** Of the run that goes on now. */
  readonly startedAt?: number | undefined;
  readonly waitingReason?: string | undefined;
  /** Of the run whose id the container has, where that is over. */
  readonly termination?: Termination | undefined;
  /** Of the run before. */
  readonly lastTermination?: Termination | undefined;
  readonly requests: Resources;
  readonly limits: Resources;
}

/** How one run of a container ended. The same end is told again as the last one of the next run, with the same id. */
export interface Termination {
  /** `OOMKilled` where the kernel killed the first process for memory. */
  readonly reason?: string | undefined;
  readonly exitCode?: number | undefined;
  readonly signal?: number | undefined;
  readonly startedAt?: number | undefined;
  readonly finishedAt?: number | undefined;
  readonly containerId?: string | undefined;
}

/** What of the node's own API object the rest of the way needs. A condition that is neither true nor false is absent. */
export interface NodeRecord {
  readonly capacity: NodeResources;
  /** What is left of the capacity for pods. */
  readonly allocatable: NodeResources;
  readonly internalIps: readonly string[];
  readonly externalIps: readonly string[];
  readonly hostname?: string | undefined;
  /** Where the kubelet serves its API. */
  readonly kubeletPort?: number | undefined;
  readonly kernelVersion?: string | undefined;
  readonly osImage?: string | undefined;
  readonly containerRuntimeVersion?: string | undefined;
  readonly kubeletVersion?: string | undefined;
  readonly ready?: boolean | undefined;
  readonly memoryPressure?: boolean | undefined;
  readonly diskPressure?: boolean | undefined;
  readonly pidPressure?: boolean | undefined;
  readonly unschedulable: boolean;
}

export interface NodeResources extends Resources {
  readonly pods?: Count | undefined;
}

/** The tags of one series, the same object for as long as the series lives: the encoder keeps its bytes by it. */
export type Tags = Readonly<Record<string, string>>;

/** One point on its way to the line protocol. */
export interface Sample {
  readonly measurement: Measurement;
  readonly tags: Tags;
  readonly values: Values;
  /** Unix time in milliseconds at which the values were read. */
  readonly time: number;
}
