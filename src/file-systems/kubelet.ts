import { nextOnGrid } from '../grid.ts';
import type { Logger, Problems } from '../problems.ts';
import { startDelay } from '../watch/backoff.ts';
import { createConnection } from '../watch/connection.ts';
import type { Answer } from '../watch/connection.ts';
import type { Wait } from '../watch/reflector.ts';
import { readRefusal } from '../watch/refusal.ts';
import { kubeletAccess } from './kubelet-access.ts';
import type { KubeletAccess, KubeletEndpoint, KubeletTrust } from './kubelet-access.ts';
import { failureOf, refusalOf } from './kubelet-failure.ts';
import type { KubeletFailure } from './kubelet-failure.ts';
import type { FileSystemReport, FileSystemSource } from './report.ts';
import { readSummary } from './summary-body.ts';

export interface KubeletOptions {
  readonly node: string;
  /** Where this node's kubelet listens, by the node's own object; `undefined` while that is not known. Never from an answer. */
  readonly endpoint: () => KubeletEndpoint | undefined;
  /** Of the service account. */
  readonly tokenFile: string;
  readonly trust: KubeletTrust;
  /** Milliseconds between reports, above 0. */
  readonly period: number;
  /** Milliseconds for all of a request, the kubelet's own work with it. */
  readonly timeout: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Unix time in milliseconds. */
  readonly wall: () => number;
  /** In [0, 1). */
  readonly random: () => number;
  readonly wait: Wait;
  readonly log: Logger;
  readonly problems: Problems;
}

export interface KubeletSource extends FileSystemSource {
  /** Asks once, now; not while `run` does. Resolves with what went wrong; rejects only when the signal aborts. */
  ask(endpoint: KubeletEndpoint, signal: AbortSignal): Promise<KubeletFailure | undefined>;
}

const path = '/stats/summary';
/** Until the address of the kubelet is looked for again. */
const unknownDelay = 5000;
/** The longest pause after a failure, and the only one after a failure that waiting does not cure. */
const longestPause = 600_000;

/**
 * File systems from the kubelet's Summary API, with the right to "get" on "nodes/stats". The kubelet has paid for these numbers
 * already, for its eviction. Each request has a connection of its own: one a minute, so that the certificate is checked each time,
 * no dead connection is met, and nothing is held open on the kubelet between.
 */
export function createKubeletSource(options: KubeletOptions): KubeletSource {
  const { node, endpoint, tokenFile, trust, period, timeout, now, wall, random, wait, log, problems } = options;
  const limits = { answer: timeout, idle: timeout, total: timeout };
  let report: FileSystemReport | undefined;
  let requests = 0;
  let failures = 0;
  let refused = 0;
  let lastAt: number | undefined;
  let inARow = 0;
  let told: string | undefined;

  async function ask(target: KubeletEndpoint, signal: AbortSignal): Promise<KubeletFailure | undefined> {
    requests += 1;
    const failure = await request(target, signal);
    if (failure === undefined) settled();
    else failed(failure);
    return failure;
  }

  async function request(target: KubeletEndpoint, signal: AbortSignal): Promise<KubeletFailure | undefined> {
    let access: KubeletAccess | undefined;
    try {
      access = kubeletAccess({ endpoint: target, node, tokenFile, trust });
      const { url } = access;
      const connection = createConnection(access, () => {
        // Nobody watches how alive the kubelet is: the limits of the request do.
      });
      try {
        return await connection.request(path, limits, signal, (answer) => take(answer, url));
      } finally {
        connection.close();
      }
    } catch (error) {
      signal.throwIfAborted();
      return failureOf(error, access);
    }
  }

  async function take(answer: Answer, url: URL): Promise<KubeletFailure | undefined> {
    if (answer.status !== 200) return refusalOf(await readRefusal(answer), url);
    report = await readSummary(answer.chunks, { node, at: Math.round(wall()), problems });
    lastAt = report.at;
    return undefined;
  }

  /** A kubelet that is away is logged from its second failure on: it may just have been restarted. */
  function failed({ kind, cause, message }: KubeletFailure): void {
    // What it held has been used, and would look like news.
    report = undefined;
    failures += 1;
    inARow += 1;
    if (kind === 'refused' || kind === 'distrusted') refused += 1;
    if (kind !== 'down') {
      problems.report({ kind: kind === 'object' ? 'object' : 'denied', owner: '', cause, message });
    } else if (inARow > 1 && cause !== told) {
      told = cause;
      log.warn({ cause, node }, 'Cannot read file systems from the kubelet');
    }
  }

  function settled(): void {
    inARow = 0;
    if (told === undefined) return;
    told = undefined;
    log.info({ node }, 'Reading file systems from the kubelet again');
  }

  /** Milliseconds to leave out before the next place on the grid: after failures in a row 0, 1, 3, 7 … periods. */
  function pauseAfter({ lasting, retryAfter }: KubeletFailure): number {
    const between = lasting === true ? longestPause : Math.min(longestPause, period * 2 ** (inARow - 1));
    return Math.max(0, between - period, retryAfter);
  }

  async function rounds(signal: AbortSignal): Promise<void> {
    await wait(startDelay(period, random), signal);
    const phase = now();
    let due = phase;
    while (!signal.aborted) {
      const target = endpoint();
      if (target === undefined) {
        await wait(Math.min(period, unknownDelay), signal);
        continue;
      }
      const failure = await ask(target, signal);
      const pause = failure === undefined ? 0 : pauseAfter(failure);
      // A timer may fire just before its moment: the next one is after this one all the same.
      due = nextOnGrid(Math.max(now(), due) + pause, period, phase);
      await wait(due - now(), signal);
    }
  }

  return {
    get report() {
      return report;
    },
    stats: {
      get requests() {
        return requests;
      },
      get failures() {
        return failures;
      },
      get refused() {
        return refused;
      },
      get lastAt() {
        return lastAt;
      },
    },
    ask,
    async run(signal) {
      try {
        await rounds(signal);
      } catch (error) {
        // An abort ends a wait or a request early, and that ends the loop.
        if (!signal.aborted) throw error;
      }
    },
  };
}
