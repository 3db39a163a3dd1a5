import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiClient, ApiObject, WatchEvent } from '../../servers/api-client.ts';

/** One pod's object at the API server, by the tests' own watch. */
export interface PodLife {
  readonly uid: string;
  /** The resource version of its end; absent while it is there. */
  readonly endedIn?: number;
}

/** What lived when: the truth that points are held against. */
export interface PodLives {
  /** All lives under a name, `namespace/name`, that are not long over. */
  of(pod: string): readonly PodLife[];
  /** The resource version of the last event that was told of. */
  readonly version: number;
}

export interface RecordedLives extends PodLives {
  readonly came: number;
  readonly went: number;
  add(type: string, pod: ApiObject, at: number): void;
}

const keptMilliseconds = 600_000;

interface TimedLife extends PodLife {
  readonly endedAt?: number;
}

export function createPodLives(): RecordedLives {
  const lives = new Map<string, TimedLife[]>();
  let came = 0;
  let went = 0;
  let version = 0;

  function forgetBefore(moment: number): void {
    for (const [name, own] of lives) if (own.every(({ endedAt = Infinity }) => endedAt < moment)) lives.delete(name);
  }

  return {
    of: (pod) => lives.get(pod) ?? [],
    get version() {
      return version;
    },
    get came() {
      return came;
    },
    get went() {
      return went;
    },
    add(type, { metadata }, at) {
      const name = `${metadata.namespace}/${metadata.name}`;
      const uid = metadata.uid ?? '';
      version = Number(metadata.resourceVersion);
      const own = lives.get(name) ?? [];
      const others = own.filter((life) => life.uid !== uid);
      if (others.length === own.length) came += 1;
      if (type !== 'DELETED') {
        lives.set(name, [...others, { uid }]);
        return;
      }
      went += 1;
      forgetBefore(at - keptMilliseconds);
      lives.set(name, [...others, { uid, endedIn: version, endedAt: at }]);
    },
  };
}

/**
 * Follows all pods until the signal aborts, and shows each event to `see` when it is recorded. A watch that ends is begun anew
 * where it ended.
 */
export async function followPods(
  api: ApiClient,
  lives: RecordedLives,
  signal: AbortSignal,
  see: (pod: ApiObject) => void = () => undefined,
): Promise<void> {
  const path = '/api/v1/pods';
  const { items = [], metadata } = await api.request('GET', path);
  for (const pod of items) lives.add('ADDED', pod, Date.now());
  let version = metadata.resourceVersion;

  function take({ type, object }: WatchEvent): void {
    if (type === 'ERROR') throw new WatchError(`The watch of the test ends: ${JSON.stringify(object)}`);
    version = object.metadata.resourceVersion;
    if (type === 'BOOKMARK') return;
    lives.add(type, object, Date.now());
    see(object);
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
