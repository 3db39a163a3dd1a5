/** The configuration as the rest of the program sees it: whole, checked and frozen. */
import type { Output } from './kinds.ts';

export interface Config {
  readonly source: Source;
  readonly nodeName: string;
  readonly clusterName: string;
  readonly periodMs: number;
  readonly collectors: readonly ('cpu' | 'memory' | 'pids' | 'network')[];
  /** Pods read at once. */
  readonly concurrency: number;
  readonly host: { readonly procRoot: string; readonly cgroupRoot: string; readonly maxDescriptors: number };
  readonly output: Exclude<Output, { kind: 'influxdb' }> | InfluxdbOutput;
  readonly queueMaxBytes: number;
  readonly shutdownTimeoutMs: number;
  readonly logLevel: LogLevel;
  /** What is allowed but probably not meant, a line each, for the log. */
  readonly warnings: readonly string[];
}

export type Source =
  | { readonly kind: 'cgroup' }
  | { readonly kind: 'kubernetes'; readonly access: ApiAccess; readonly idleLimitMs: number };

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
