import type { Pod } from '../model.ts';
import type { Logger, Problems } from '../problems.ts';
import { startDelay } from './backoff.ts';
import { createConnection } from './connection.ts';
import type { ClusterAccess } from './credentials.ts';
import { createPodStore } from './pod-store.ts';
import type { PodStore } from './pod-store.ts';
import { createPodReader } from './read-pod.ts';
import { createReflector, defaultLimits } from './reflector.ts';
import type { Wait, WatchLimits } from './reflector.ts';
import type { SavedPods } from './saved-pods.ts';
import { everything } from './selection.ts';
import type { Selection } from './selection.ts';

/** The pods of one node, as far as the API server has told. */
export interface PodWatch {
  /** By `metadata.uid`; the same map until something changes. Pods that ended stay until they are deleted. */
  snapshot(): ReadonlyMap<string, Pod>;
  /** The UIDs by which the cgroups of those pods are named that are left out. */
  leftOut(): ReadonlySet<string>;
  /** Whether the pods have been listed since the start. Before that all that is known is what the last run knew, if that. */
  readonly ready: boolean;
  /** Grows with each change of the snapshot. */
  readonly version: number;
  readonly stats: WatchStats;
  /** Watches until the signal aborts, then resolves; never rejects. To be called once. */
  run(signal: AbortSignal): Promise<void>;
}

export interface WatchStats {
  /** Lists asked of the API server. */
  readonly lists: number;
  /** Watches asked of it. */
  readonly starts: number;
  /** When it last sent anything, by `now`; the time of creation before that. */
  readonly lastHeardAt: number;
  /** Pods of the node that are left out now, by their namespace or by their own wish. */
  readonly filtered: number;
}

export interface PodWatchOptions {
  readonly access: ClusterAccess;
  readonly node: string;
  /** Milliseconds between collections. */
  readonly period: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** In [0, 1). */
  readonly random: () => number;
  readonly wait: Wait;
  readonly log: Logger;
  readonly problems: Problems;
  readonly limits?: Partial<WatchLimits>;
  /** Without one all pods are kept, and no label or annotation of theirs. */
  readonly selection?: Selection;
  /** What the last run knew: stands until the first list. */
  readonly saved?: SavedPods | undefined;
}

/**
 * Watches `spec.nodeName=<node>` over one connection, from the API server's cache. The first list waits for a random part of the
 * period, so that the agents of a cluster that are rolled out together do not ask together.
 */
export function createPodWatch(options: PodWatchOptions): PodWatch {
  const { access, node, period, now, random, wait, log, problems, limits, selection = everything } = options;
  let { saved } = options;
  let lastHeardAt = now();
  const connection = createConnection(access, () => {
    lastHeardAt = now();
  });
  const store = createPodStore((uid) => problems.forget(uid));
  const reflector = createReflector({
    connection,
    store,
    readPod: createPodReader({ node, selection, problems }),
    node,
    limits: { ...defaultLimits, ...limits },
    now,
    random,
    wait,
    log,
    problems,
  });
  function known(): Pick<PodStore, 'snapshot' | 'leftOut'> {
    if (reflector.ready) saved = undefined;
    return saved ?? store;
  }

  return {
    snapshot: () => known().snapshot(),
    leftOut: () => known().leftOut(),
    get ready() {
      return reflector.ready;
    },
    get version() {
      return store.version;
    },
    stats: {
      get lists() {
        return reflector.lists;
      },
      get starts() {
        return reflector.starts;
      },
      get lastHeardAt() {
        return lastHeardAt;
      },
      get filtered() {
        return store.leftOut().size;
      },
    },
    async run(signal) {
      await wait(startDelay(period, random), signal).catch(() => {
        // Only an abort ends a wait early, and then there is nothing to run.
      });
      await reflector.run(signal);
      connection.close();
    },
  };
}
