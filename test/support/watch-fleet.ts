/** Many agents as far as the API server sees them, in one process: the watch and the poll of src/, each on connections of its own. */
import { setTimeout } from 'node:timers/promises';
import { createProblems } from '../../src/problems.ts';
import type { ClusterAccess } from '../../src/watch/credentials.ts';
import { createNodeWatch } from '../../src/watch/node.ts';
import { createPodWatch } from '../../src/watch/pods.ts';
import type { PodWatch } from '../../src/watch/pods.ts';

export interface FleetMember {
  readonly node: string;
  readonly watch: PodWatch;
  /** Milliseconds that it waited before its first list; absent until it has begun to. */
  readonly startDelay: number | undefined;
}

export interface WatchFleet extends AsyncDisposable {
  readonly members: readonly FleetMember[];
}

export interface WatchFleetOptions {
  readonly access: ClusterAccess;
  readonly nodes: readonly string[];
  /** Milliseconds between collections, by which the starts are spread. */
  readonly period: number;
}

/** On real time and with real chance, all begun at this moment. */
export function startWatchFleet({ access, nodes, period }: WatchFleetOptions): WatchFleet {
  const stop = new AbortController();
  const log = { debug: ignore, info: ignore, warn: ignore, error: ignore };
  const common = { access, period, now: () => performance.now(), random: Math.random, log };
  const wait = (milliseconds: number, signal: AbortSignal) => setTimeout(milliseconds, undefined, { signal });
  const ended: Promise<void>[] = [];
  const members = nodes.map((node): FleetMember => {
    let startDelay: number | undefined;
    const watch = createPodWatch({
      ...common,
      node,
      problems: createProblems(log),
      wait(milliseconds, signal) {
        startDelay ??= milliseconds;
        return wait(milliseconds, signal);
      },
    });
    ended.push(watch.run(stop.signal), createNodeWatch({ ...common, node, wait }).run(stop.signal));
    return {
      node,
      watch,
      get startDelay() {
        return startDelay;
      },
    };
  });
  return {
    members,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await Promise.all(ended);
    },
  };
}

function ignore(): void {
  // The unit tests look at what it logs.
}
