import { indexesOf } from '../metrics/table.ts';
import type { Pod } from '../model.ts';
import type { Cgroup } from './cgroup.ts';
import { watchMemory } from './cgroup-events.ts';
import type { Host } from './host.ts';
import type { Reading } from './reading.ts';

/** The kills for lack of memory in a pod that has a cgroup. */
export interface PodKills {
  /** Adds them to what was just read of the pod's own cgroup. */
  addTo(pod: Reading): void;
  /** Takes what the API server says. */
  told(pod: Pod): void;
  close(): void;
}

export interface PodKillsOptions {
  readonly path: string;
  readonly owner: string;
  /** The pod's own cgroup; absent where it says nothing of the containers. */
  readonly own: Cgroup | undefined;
}

const { memory_oom_kills: processes, oom_kills: kills } = indexesOf('k8s_pod');

/** Each kill is told of when it happens: the pod may be gone before the next cycle, and its count with it. */
export function openPodKills(host: Host, { path, owner, own }: PodKillsOptions): PodKills {
  const known = host.oomKills.hold(owner);

  /** True where there are more than before. */
  function add({ values }: Reading): boolean {
    const count = processes === undefined ? undefined : values[processes];
    const isMore = (typeof count === 'number' || typeof count === 'bigint') && known.counted(count);
    // Of a cgroup that is gone there is no further point.
    const isThere = own === undefined || values.some((value) => value !== undefined);
    if (kills !== undefined && isThere) values[kills] = known.count;
    return isMore;
  }

  function look(): void {
    const reading = own?.readFile('memory.events');
    if (reading !== undefined && add(reading)) host.between?.tell([reading]);
  }

  const watch = own === undefined ? undefined : watchMemory(host, path, look);
  // What was killed before the watch began.
  if (watch !== undefined) look();
  return {
    addTo: (pod) => void add(pod),
    told: known.told,
    close() {
      watch?.close();
      known.release();
    },
  };
}
