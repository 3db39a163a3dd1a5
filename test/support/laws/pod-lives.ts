import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiClient, ApiObject, WatchEvent } from '../../servers/api-client.ts';

/** One pod's object at the API server, by the tests' own watch. Unix times in milliseconds. */
export interface PodLife {
  readonly uid: string;
  readonly from: number;
  /** Absent while it is there. */
  readonly to?: number;
}

/** What lived when: the truth that points are held against. */
export interface PodLives {
  /** All lives under a name, `namespace/name`, that are not long over. */
  of(pod: string): readonly PodLife[];
}

export interface RecordedLives extends PodLives {
  readonly came: number;
  readonly went: number;
  add(type: string, pod: ApiObject, at: number): void;
}

const keptMilliseconds = 600_000;

export function createPodLives(): RecordedLives {
  const lives = new Map<string, PodLife[]>();
  let came = 0;
  let went = 0;

  function forgetBefore(moment: number): void {
    for (const [name, own] of lives) if (own.every(({ to = Infinity }) => to < moment)) lives.delete(name);
  }

  return {
    of: (pod) => lives.get(pod) ?? [],
    get came() {
      return came;
    },
    get went() {
      return went;
    },
    add(type, { metadata }, at) {
      const name = `${metadata.namespace}/${metadata.name}`;
      const uid = metadata.uid ?? '';
      const own = lives.get(name) ?? [];
      const others = own.filter((life) => life.uid !== uid);
      const known = own.find((life) => life.uid === uid);
      if (known === undefined) came += 1;
      if (type === 'DELETED') {
        went += 1;
        forgetBefore(at - keptMilliseconds);
      }
      const from = known?.from ?? at;
      lives.set(name, [...others, type === 'DELETED' ? { uid, from, to: at } : { uid, from }]);
    },
  };
}

/** Follows all pods until the signal aborts. A watch that ends is begun anew where it ended. */
export async function followPods(api: ApiClient, lives: RecordedLives, signal: AbortSignal): Promise<void> {
  const path = '/api/v1/pods';
  const { items = [], metadata } = await api.request('GET', path);
  for (const pod of items) lives.add('ADDED', pod, Date.now());
  let version = metadata.resourceVersion;

  function take({ type, object }: WatchEvent): void {
    if (type === 'ERROR') throw new WatchError(`The watch of the test ends: ${JSON.stringify(object)}`);
    version = object.metadata.resourceVersion;
    if (type !== 'BOOKMARK') lives.add(type, object, Date.now());
  }

  while (!signal.aborted) {
    const query = `allowWatchBookmarks=true&resourceVersion=${version}`;
    try {
      for await (const event of api.watch(`${path}?${query}`, signal)) take(event);
    } catch (error) {
      if (error instanceof WatchError) throw error;
      // The connection is gone, or the test is over.
      await sleep(100);
    }
  }
}

/** What happened since the last event is not to be had any more: nothing can be said of pods from here on. */
class WatchError extends Error {}
