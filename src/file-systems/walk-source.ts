import { nextOnGrid } from '../grid.ts';
import type { Problems } from '../problems.ts';
import type { FileSystemReport, FileSystemSource, FileSystemStats } from './report.ts';
import { isRefusal, problemOf } from './walk-problem.ts';
import { podReport, wholeUsage } from './walk-report.ts';
import type { Measured } from './walk-report.ts';
import type { WalkAnswer, WalkRequest } from './walk-request.ts';
import { createWalkThread } from './walk-thread.ts';
import type { WalkThreadOptions } from './walk-thread.ts';
import { emptyDir, kubeletTree, logsTree, treesOf, volumesTree } from './walk-trees.ts';
import type { PodFindings, Tree, WalkDirectories, WalkPod } from './walk-trees.ts';
import type { WalkBounds } from './walk.ts';

export interface WalkSourceOptions extends WalkThreadOptions {
  readonly directories: WalkDirectories;
  /** Milliseconds between reports, above 0. */
  readonly period: number;
  readonly problems: Problems;
  /** The pods of this node as they are now. */
  pods(): readonly WalkPod[];
  /** Whether there is a pod with this UID among them. */
  exists(uid: string): boolean;
  /** Monotonic milliseconds. */
  now(): number;
  /** Unix time in milliseconds. */
  wall(): number;
}

export interface WalkSource extends FileSystemSource {
  /** One round, now; not while `run` does. Leaves the thread to `close`. */
  round(signal: AbortSignal): Promise<void>;
  close(): void;
}

export const walkBounds: WalkBounds = {
  entries: 200_000,
  depth: 64,
  milliseconds: 30_000,
  hardLinks: 50_000,
  waitingBytes: 4 * 1024 * 1024,
};
/** At 5 to 15 µs each, a sixth of a CPU at most while a walk is under way. */
export const walkEntriesPerSecond = 10_000;
export const walkDirectories: WalkDirectories = { kubelet: '/var/lib/kubelet', logs: '/var/log/pods' };

/** A tree rests for so many times as long as its walk took: all walks of one tree take 5 % of the time at most. */
const restFactor = 20;

interface State {
  /** Monotonic: not walked again before. */
  dueAt: number;
  /** What the last walk found, where it found something. */
  measured: Measured | undefined;
}

type Stats = { -readonly [Name in keyof FileSystemStats]: FileSystemStats[Name] };

/** File systems by walks of our own: writable layers, logs and `emptyDir` volumes, one after the other, in a thread. */
export function createWalkSource(options: WalkSourceOptions): WalkSource {
  const { directories, period, problems, pods, exists, now, wall, wait } = options;
  const thread = createWalkThread(options);
  const stats: Stats = { requests: 0, failures: 0, refused: 0, lastAt: undefined };
  let states = new Map<string, State>();
  /** Owners of problems that were reported: for static pods not those by which the rest of podgauge knows them. */
  const complained = new Set<string>();
  let report: FileSystemReport | undefined;
  let closed = false;

  function isThere(owner: string): boolean {
    return owner === '' || exists(owner);
  }

  function forgetGone(): void {
    for (const owner of complained) {
      if (isThere(owner)) continue;
      complained.delete(owner);
      problems.forget(owner);
    }
  }

  /** What was found; else the reason is reported and kept in `failed`. */
  async function ask(tree: Tree, want: WalkRequest['want'], failed: Set<string>): Promise<WalkAnswer | undefined> {
    const answer = await thread.ask({ want, of: tree.of });
    if (!('failure' in answer)) return answer;
    fail(tree, answer.failure, failed);
    return undefined;
  }

  function fail(tree: Tree, failure: string, failed: Set<string>): void {
    if (closed) return;
    failed.add(failure);
    const problem = problemOf(tree, failure);
    // A walk may end after its pod, of which nothing is kept then.
    if (problem === undefined || !isThere(problem.owner)) return;
    complained.add(problem.owner);
    problems.report(problem);
  }

  /** The names of a pod's `emptyDir` volumes; `undefined` where its directory cannot be read. */
  async function volumesOf(pod: WalkPod, failed: Set<string>): Promise<readonly string[] | undefined> {
    const plugins = volumesTree(pod, directories);
    if (plugins === undefined) return undefined;
    const found = await ask(plugins, 'names', failed);
    if (found?.names?.includes(emptyDir) !== true) return found?.names === undefined ? undefined : [];
    return (await ask({ ...plugins, of: `${plugins.of}/${emptyDir}` }, 'names', failed))?.names;
  }

  async function measure(tree: Tree, state: State, failed: Set<string>): Promise<void> {
    const startedAt = now();
    const answer = await ask(tree, 'tree', failed);
    const endedAt = now();
    state.dueAt = endedAt + restFactor * (endedAt - startedAt);
    state.measured = undefined;
    if (answer?.tree === undefined) return;
    // Docker's logs are links to files of its own, which are not in this tree.
    if (tree.isLog && answer.tree.symbolicLinks > 0) fail(tree, 'links', failed);
    else state.measured = { at: Math.round(wall()), tree: answer.tree, size: answer.size };
  }

  /** Those that are due, the one that has waited longest first. Ends with the period, so that no report is late. */
  async function measureDue(trees: readonly Tree[], failed: Set<string>, signal: AbortSignal): Promise<void> {
    const startedAt = now();
    const kept = new Map<string, State>();
    for (const { key } of trees) kept.set(key, states.get(key) ?? { dueAt: -Infinity, measured: undefined });
    states = kept;
    const due = trees.flatMap((tree) => {
      const state = kept.get(tree.key);
      return state === undefined || state.dueAt > startedAt ? [] : [{ tree, state }];
    });
    due.sort((a, b) => (a.state.dueAt === b.state.dueAt ? 0 : a.state.dueAt - b.state.dueAt));
    for (const { tree, state } of due) {
      if (signal.aborted || now() - startedAt >= period) return;
      await measure(tree, state, failed);
    }
  }

  async function round(signal: AbortSignal): Promise<void> {
    const failed = new Set<string>();
    stats.requests += 1;
    forgetGone();
    const root = await ask(kubeletTree(directories), 'size', failed);
    // For the problem it may be: where it is missing, the logs in it seem no more than gone.
    await ask(logsTree(directories), 'size', failed);
    const findings: PodFindings[] = [];
    for (const pod of pods()) {
      if (signal.aborted) return;
      findings.push({ pod, volumes: await volumesOf(pod, failed) });
    }
    const trees = findings.flatMap((each) => treesOf(each, directories));
    await measureDue(trees, failed, signal);
    if (signal.aborted) return;

    if (trees.length > 0 && trees.every(({ key }) => states.get(key)?.measured === undefined)) {
      report = undefined;
      stats.failures += 1;
      if (Array.from(failed).some(isRefusal)) stats.refused += 1;
      return;
    }
    const at = Math.round(wall());
    const reported = findings.map((each) => podReport(each, directories, ({ key }) => states.get(key)?.measured));
    report = {
      at,
      node: { root: root === undefined ? undefined : wholeUsage(root.size, at) },
      pods: new Map(reported.map((pod) => [pod.uid, pod])),
    };
    stats.lastAt = at;
  }

  function close(): void {
    closed = true;
    thread.close();
  }

  return {
    get report() {
      return report;
    },
    stats,
    round,
    async run(signal) {
      const phase = now();
      let due = phase;
      signal.addEventListener('abort', close, { once: true });
      while (!signal.aborted) {
        await round(signal);
        // A timer may fire just before its moment: the next one is after this one all the same.
        due = nextOnGrid(Math.max(now(), due), period, phase);
        await wait(due - now(), signal);
      }
    },
    close,
  };
}
