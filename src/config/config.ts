/** The configuration as the rest of the program sees it: whole, checked and frozen. */
import type { CollectorName } from '../metrics/collectors.ts';
import type { PodProperty } from '../model.ts';
import type { ListenAddress, Output } from './kinds.ts';

export interface Config {
  readonly source: Source;
  readonly nodeName: string;
  readonly clusterName: string;
  readonly periodMs: number;
  readonly collectors: readonly CollectorName[];
  readonly fileSystems: FileSystems | undefined;
  readonly pods: PodChoice;
  /** Series of this node in 24 hours from which on new pods are folded; 0 for no cap. */
  readonly maxSeries: number;
  /** Pods read at once. */
  readonly concurrency: number;
  readonly host: { readonly procRoot: string; readonly cgroupRoot: string; readonly maxDescriptors: number };
  readonly output: Exclude<Output, { kind: 'influxdb' }> | InfluxdbOutput;
  readonly queueMaxBytes: number;
  readonly shutdownTimeoutMs: number;
  /** Absent where nothing is served. */
  readonly listen: Listen | undefined;
  readonly logLevel: LogLevel;
  /** What is allowed but probably not meant, a line each, for the log. */
  readonly warnings: readonly string[];
}

export type Source = { readonly kind: 'cgroup' } | KubernetesSource;

export interface KubernetesSource {
  readonly kind: 'kubernetes';
  readonly access: ApiAccess;
  readonly idleLimitMs: number;
  /** Where the pods are kept for the next run; absent for nowhere. */
  readonly stateDir?: string;
}

export type FileSystems =
  | { readonly kind: 'kubelet'; readonly periodMs: number; readonly tokenFile: string; readonly trust: KubeletTrust }
  | { readonly kind: 'walk'; readonly periodMs: number; readonly hostRoot: string };

export type KubeletTrust = { readonly kind: 'ca'; readonly file: string } | { readonly kind: 'unverified' };

/** Which pods are collected, and what of their metadata is written. */
export interface PodChoice {
  /** Patterns, as watch/namespaces.ts takes them; none for all. */
  readonly namespaces: readonly string[];
  /** Whether a pod may opt out by an annotation. */
  readonly optOut: boolean;
  /** Tags of every measurement of a pod. */
  readonly tags: readonly PodProperty[];
  /** Fields of `k8s_pod_info`. */
  readonly infoFields: readonly PodProperty[];
}

export interface Listen extends ListenAddress {
  /** As a user writes it. */
  readonly text: string;
  /** Whether somebody asked for this address: the default one is given up when another program has it. */
  readonly chosen: boolean;
}

/** How the API server is reached; in a cluster its address is in the environment. */
export type ApiAccess =
  | { readonly kind: 'in-cluster'; readonly serviceAccountDir: string }
  /** The path may be several, as in the variable KUBECONFIG. */
  | { readonly kind: 'kubeconfig'; readonly path: string };

export interface InfluxdbOutput {
  readonly kind: 'influxdb';
  /** Without a trailing slash. */
  readonly url: string;
  readonly org: string;
  readonly bucket: string;
  readonly token?: TokenSource;
  readonly caFile?: string;
  /** Client certificate and its key: both or none. */
  readonly certFile?: string;
  readonly keyFile?: string;
}

/** The token itself is behind a function, so that no log line and no inspection of the configuration shows it. */
export type TokenSource =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'environment'; readonly reveal: () => string };

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
