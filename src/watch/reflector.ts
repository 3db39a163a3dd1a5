import type { Logger, Problems } from '../problems.ts';
import { createBackoff } from './backoff.ts';
import type { Connection } from './connection.ts';
import { messageOf } from './error-message.ts';
import { jsonLines } from './json-lines.ts';
import { readPodList } from './pod-list.ts';
import type { PodStore } from './pod-store.ts';
import type { ReadPod } from './read-pod.ts';
import { readRefusal } from './refusal.ts';
import type { Refusal } from './refusal.ts';
import { readWatchEvent } from './watch-event.ts';

/** Time limits of the watch, in milliseconds. Each connect attempt and each wait after it together stay below 30 s. */
export interface WatchLimits {
  /** From the start of a request to the head of its answer; also the longest silence within a list. */
  readonly answer: number;
  /** A watch this long without a byte is given up. The server sends a bookmark about every minute. */
  readonly idle: number;
  /** A list must be over by then. */
  readonly list: number;
  /** The server is asked to end a watch after this, up to twice this; a watch that goes on for 30 s more is given up. */
  readonly watch: number;
  /** After this, up to twice this, a list is taken although nothing is known to be missed. */
  readonly relist: number;
}

export const defaultLimits: WatchLimits = { answer: 12_000, idle: 150_000, list: 30_000, watch: 300_000, relist: 1_800_000 };

/** Resolves after `ms` milliseconds; rejects or resolves at once when the signal aborts. */
export type Wait = (ms: number, signal: AbortSignal) => Promise<void>;

export interface ReflectorOptions {
  readonly connection: Connection;
  readonly store: PodStore;
  readonly readPod: ReadPod;
  readonly node: string;
  readonly limits: WatchLimits;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** In [0, 1). */
  readonly random: () => number;
  readonly wait: Wait;
  readonly log: Logger;
  readonly problems: Problems;
}

export interface Reflector {
  /** Lists asked for and watches asked for, those refused included. */
  readonly lists: number;
  readonly starts: number;
  /** Whether a list has been read. */
  readonly ready: boolean;
  /** Keeps the store equal to the server's pods until the signal aborts; never rejects. */
  run(signal: AbortSignal): Promise<void>;
}

/** How a list or a watch ended. */
interface End {
  /** Absent where nothing is wrong. */
  readonly failure?: string;
  /** Milliseconds the server asks to be left alone. */
  readonly retryAfter?: number;
  /** The server said first of all that it does not know what happened since the version it was asked from. */
  readonly isForgotten?: boolean;
}

const lineLimit = 4_194_304;

/**
 * List, then watch from there, and again: one list a round at most, and the rounds are as far apart as backoff.ts says. A watch goes on from
 * the last version heard of however it ended, unless the server refuses that version or an event was lost: then a list comes first.
 * (client-go's reflector is the model of this behaviour.)
 * A round whose first watch learns that its version is forgotten lists at once and watches again: pods that are gone meanwhile are not
 * written for as long as another wait takes, and the wait before that round has spread the agents of a cluster already.
 */
export function createReflector(options: ReflectorOptions): Reflector {
  const { connection, store, readPod, node, limits, now, random, wait, log, problems } = options;
  const backoff = createBackoff(now, random);
  const selector = `fieldSelector=${encodeURIComponent(`spec.nodeName=${node}`)}`;
  // '0': any the server has in its cache. '': the newest there is, which may cost the server a read of all pods from etcd.
  let version = '0';
  let listed = false;
  let relistAt = 0;
  let lists = 0;
  let starts = 0;
  let ready = false;

  async function list(signal: AbortSignal): Promise<End> {
    lists += 1;
    // Not older than what was heard already: of several API servers one may lag, and bring back a pod that is gone.
    const from = version === '' ? '' : `&resourceVersion=${encodeURIComponent(version)}`;
    const requestLimits = { answer: limits.answer, idle: limits.answer, total: limits.list };
    return connection.request(`/api/v1/pods?${selector}${from}`, requestLimits, signal, async (answer) => {
      if (answer.status !== 200) return refused(await readRefusal(answer));
      const found = await readPodList(answer.chunks, readPod);
      store.replace(found.pods);
      version = found.version;
      listed = true;
      ready = true;
      relistAt = now() + limits.relist * (1 + random());
      return {};
    });
  }

  async function watch(signal: AbortSignal): Promise<End> {
    starts += 1;
    const duration = limits.watch * (1 + random());
    const query = `watch=1&allowWatchBookmarks=true&timeoutSeconds=${Math.round(duration / 1000)}&resourceVersion=${encodeURIComponent(version)}`;
    const requestLimits = { answer: limits.answer, idle: limits.idle, total: duration + 30_000 };
    return connection.request(`/api/v1/pods?${selector}&${query}`, requestLimits, signal, async (answer) => {
      if (answer.status !== 200) return refused(await readRefusal(answer));
      const answeredAt = now();
      let isHeard = false;
      for await (const line of jsonLines(answer.chunks, lineLimit)) {
        const event = readWatchEvent(line, readPod, problems);
        if (event.kind === 'lost') {
          listed = false;
          return { failure: event.reason, isForgotten: event.isForgotten && !isHeard && now() - answeredAt < limits.answer };
        }
        isHeard = true;
        if (event.kind === 'put') store.put(event.seen);
        else if (event.kind === 'remove') store.remove(event.uid);
        version = event.version ?? version;
        settled();
      }
      settled();
      return {};
    });
  }

  function refused({ status, message, retryAfter, versionRefused }: Refusal): End {
    if (versionRefused) {
      // A list that is refused for its version, too, is asked for from none.
      if (!listed && version !== '0') version = '';
      listed = false;
    }
    return { failure: message, retryAfter, isForgotten: status === 410 };
  }

  async function round(signal: AbortSignal): Promise<End> {
    try {
      if (listed && now() < relistAt) {
        const end = await watch(signal);
        if (end.isForgotten !== true) return end;
      }
      const end = await list(signal);
      return end.failure === undefined ? await watch(signal) : end;
    } catch (error) {
      return { failure: messageOf(error) };
    }
  }

  let failures = 0;
  let told: string | undefined;

  /** A cause is logged when it sets in, and not for a failure that the next attempt makes good, such as a cut connection. */
  function failed(cause: string): void {
    failures += 1;
    if (failures === 1 || cause === told) return;
    told = cause;
    log.warn({ cause, node }, 'Cannot watch the pods of this node');
  }

  function settled(): void {
    failures = 0;
    if (told === undefined) return;
    told = undefined;
    log.info({ node }, 'Watching the pods of this node again');
  }

  return {
    get lists() {
      return lists;
    },
    get starts() {
      return starts;
    },
    get ready() {
      return ready;
    },
    async run(signal) {
      while (!signal.aborted) {
        const { failure, retryAfter = 0 } = await round(signal);
        if (signal.aborted) return;
        if (failure !== undefined) failed(failure);
        // What the server asks for comes on top, so that agents told the same thing do not come back at the same moment.
        await wait(retryAfter + backoff.next(), signal).catch(() => {
          // Only an abort ends a wait early, and that ends the loop.
        });
      }
    },
  };
}
