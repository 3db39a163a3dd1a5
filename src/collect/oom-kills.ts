import type { Container, Count, Pod, Termination } from '../model.ts';

/**
 * How often the kernel killed in each pod for lack of memory, as well as it can be told. The pod's own cgroup counts the killed
 * processes of all its containers, those that are gone too, since it was made (cgroup v2, `memory.events`; v1 counts nothing of
 * what lies below a cgroup). The API server tells how containers ended, also of a pod without a cgroup.
 */
export interface OomKills {
  /** Of one pod, by its UID: the same for all who hold it, until each of them has let go and the pod is gone. */
  hold(uid: string): PodOomKills;
}

export interface PodOomKills {
  /**
   * The greater of what the cgroup counts and the ends that were told: both know most kills, so a sum would count them twice.
   * `undefined` while neither is known.
   */
  readonly count: Count | undefined;
  /** Ends of one container for lack of memory that were told since podgauge started. */
  endsOf(container: string): number;
  /** Takes what the cgroup counts. True where that is more than before, or more than none at first. */
  counted(processes: Count): boolean;
  /** Takes what the API server says. Each end is told again and again, and counts once. */
  told(pod: Pod): void;
  release(): void;
}

export interface OomKillsOptions {
  /** Whether pods' own cgroups count: then nothing is known of a pod before its cgroup was read. */
  readonly inCgroups: boolean;
  /**
   * Unix time in milliseconds at which podgauge started, by the clock as it is now, which may have been set. An end before that was
   * told to the run before, which counted it: it is no new kill. Nor is an end without its time.
   */
  startedAt(): number;
  /** Whether there is a pod of this UID. */
  exists(uid: string): boolean;
}

/** Times of the API server are cut to whole seconds. */
const resolution = 1000;

interface Known {
  holders: number;
  processes: Count | undefined;
  told: Pod | undefined;
  readonly ends: Map<string, number>;
  /** The runs whose ends were counted of each container and are still told: first as its present one, then as its last. */
  readonly runs: Map<string, readonly string[]>;
}

export function createOomKills({ inCgroups, startedAt, exists }: OomKillsOptions): OomKills {
  const knownByUid = new Map<string, Known>();
  /** Pods whose cgroup came and went within a period are still to be told of. */
  const letGo = new Set<string>();
  /** The earliest of what the clock said of it: what ended before the clock was set may be told of later. */
  let countsFrom = Infinity;

  function isNew({ finishedAt }: Termination): boolean {
    countsFrom = Math.min(countsFrom, Math.floor(startedAt() / resolution) * resolution);
    return finishedAt !== undefined && finishedAt >= countsFrom;
  }

  function countEnds({ ends, runs }: Known, { name, api }: Container): void {
    const killed = [api?.lastTermination, api?.termination].filter((end) => end?.reason === 'OOMKilled');
    if (killed.length === 0) return;
    const counted = runs.get(name);
    const fresh = killed.filter((end) => end !== undefined && isNew(end) && counted?.includes(runOf(end)) !== true);
    runs.set(
      name,
      killed.map((end) => (end === undefined ? '' : runOf(end))),
    );
    if (fresh.length > 0) ends.set(name, (ends.get(name) ?? 0) + fresh.length);
  }

  function countOf({ processes, told, ends }: Known): Count | undefined {
    let sum = 0;
    for (const count of ends.values()) sum += count;
    if (processes !== undefined) return processes > sum ? processes : sum;
    return sum > 0 || (!inCgroups && told?.api !== undefined) ? sum : undefined;
  }

  function sweep(): void {
    for (const uid of letGo) {
      if (exists(uid)) continue;
      letGo.delete(uid);
      knownByUid.delete(uid);
    }
  }

  return {
    hold(uid) {
      letGo.delete(uid);
      sweep();
      let known = knownByUid.get(uid);
      if (known === undefined) {
        known = { holders: 0, processes: undefined, told: undefined, ends: new Map(), runs: new Map() };
        knownByUid.set(uid, known);
      }
      const held = known;
      held.holders += 1;
      return {
        get count() {
          return countOf(held);
        },
        endsOf: (container) => held.ends.get(container) ?? 0,
        counted(processes) {
          const isMore = processes > (held.processes ?? 0);
          held.processes = processes;
          return isMore;
        },
        told(pod) {
          if (held.told === pod) return;
          held.told = pod;
          for (const container of pod.containers) countEnds(held, container);
        },
        release() {
          held.holders -= 1;
          if (held.holders === 0) letGo.add(uid);
          sweep();
        },
      };
    },
  };
}

function runOf({ containerId, startedAt, finishedAt }: Termination): string {
  return containerId ?? `${startedAt} ${finishedAt}`;
}
