import type { NodeRecord } from '../model.ts';
import type { Logger } from '../problems.ts';
import { createBackoff, startDelay } from './backoff.ts';
import type { BackoffRange } from './backoff.ts';
import { createConnection } from './connection.ts';
import type { Answer } from './connection.ts';
import type { ClusterAccess } from './credentials.ts';
import { messageOf } from './error-message.ts';
import { parse } from './json.ts';
import { nodeRecord } from './node-record.ts';
import type { Wait } from './reflector.ts';
import { readRefusal } from './refusal.ts';

/** The node's own object, as far as the API server has told. */
export interface NodeWatch {
  /** Absent until it was read, and again when the last that was read is an hour old. */
  readonly record: NodeRecord | undefined;
  /** Reads it again and again until the signal aborts, then resolves; never rejects. To be called once. */
  run(signal: AbortSignal): Promise<void>;
}

export interface NodeWatchOptions {
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
}

/** How an attempt ended. */
interface End {
  /** Absent where the node was read. */
  readonly failure?: string;
  /** Milliseconds the server asks to be left alone. */
  readonly retryAfter?: number;
  /** Whether there is no right to read it: that is told at once, and the next attempt has time. */
  readonly denied?: boolean;
}

const requestLimits = { answer: 12_000, idle: 12_000, total: 30_000 };
const bodyLimit = 4_194_304;
const refresh = 300_000;
const retryRange: BackoffRange = { first: 5000, most: refresh, quiet: 3 * refresh };
const staleAfter = 3_600_000;

/**
 * Reads the node every five minutes, from the API server's cache; as often without the right to, since a server that has just started
 * may refuse what it allows a moment later, and rights are granted late. Not by a watch: a node changes with each report of its kubelet,
 * and what is needed of it hardly ever does. The connection is one of its own, closed after each answer: that of the pods is
 * taken by their watch, and only what comes on that tells how old the pods are.
 */
export function createNodeWatch(options: NodeWatchOptions): NodeWatch {
  const { access, node, period, now, random, wait, log } = options;
  const connection = createConnection(access, () => {
    // Nobody asks when it last sent something.
  });
  const backoff = createBackoff(now, random, retryRange);
  const path = `/api/v1/nodes/${encodeURIComponent(node)}?resourceVersion=0`;
  let record: NodeRecord | undefined;
  let readAt = 0;
  let failures = 0;
  let told: string | undefined;

  async function read(answer: Answer): Promise<End> {
    if (answer.status !== 200) {
      const { status, message, retryAfter } = await readRefusal(answer);
      return { failure: message, retryAfter, denied: status === 403 };
    }
    const found = nodeRecord(await readBody(answer.chunks));
    if (found === undefined) return { failure: 'the answer is not a node' };
    record = found;
    readAt = now();
    return {};
  }

  async function attempt(signal: AbortSignal): Promise<End> {
    try {
      return await connection.request(path, requestLimits, signal, read);
    } catch (error) {
      return { failure: messageOf(error) };
    } finally {
      connection.close();
    }
  }

  /** A cause is logged when it sets in, and not for a failure that the next attempt makes good. */
  function tell({ failure, denied = false }: End): void {
    failures = failure === undefined ? 0 : failures + 1;
    if (failure === undefined) {
      if (told !== undefined) log.info({ node }, 'Reading the object of this node again');
      told = undefined;
    } else if (failure !== told && (denied || failures > 1)) {
      told = failure;
      log.warn({ cause: failure, node }, 'Cannot read the object of this node: what only it tells is left out');
    }
  }

  function delayAfter({ failure, retryAfter = 0, denied = false }: End): number {
    if (failure !== undefined && !denied) return retryAfter + backoff.next();
    return refresh * (0.8 + 0.4 * random());
  }

  return {
    get record() {
      return now() - readAt < staleAfter ? record : undefined;
    },
    async run(signal) {
      let delay = startDelay(period, random);
      for (;;) {
        await wait(delay, signal).catch(() => {
          // Only an abort ends a wait early, and then there is nothing more to read.
        });
        if (signal.aborted) return;
        const end = await attempt(signal);
        if (signal.aborted) return;
        tell(end);
        delay = delayAfter(end);
      }
    },
  };
}

/** Parses a body that should be JSON; one that is not, or has more than 4 MiB, is `undefined`. */
async function readBody(chunks: AsyncIterable<Uint8Array>): Promise<unknown> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > bodyLimit) return undefined;
    parts.push(chunk);
  }
  return parse(Buffer.concat(parts).toString());
}
