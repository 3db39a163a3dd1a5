/** A pod watch that runs against a scripted server, on a clock that only waiting moves. */
import { setImmediate } from 'node:timers/promises';
import { createProblems } from '../../../src/problems.ts';
import type { Logger, Problems } from '../../../src/problems.ts';
import type { ClusterAccess } from '../../../src/watch/credentials.ts';
import { createPodWatch } from '../../../src/watch/pods.ts';
import type { PodWatch, PodWatchOptions } from '../../../src/watch/pods.ts';
import type { ScriptedApi } from '../../support/scripted-api.ts';

export interface RunningWatch extends AsyncDisposable {
  readonly watch: PodWatch;
  /** Milliseconds of each wait, in their order; the first is the delay of the start. */
  readonly waits: readonly number[];
  /** To be set forward by a test; each wait does so too. */
  readonly clock: { ms: number };
  readonly problems: Problems;
  /** Level and message of each log line, with the cause if there is one. */
  readonly logged: readonly string[];
  /** Aborts; resolves when the watch has ended. */
  stop(): Promise<void>;
  /** Resolves when the watch has ended by itself: by `until`. */
  readonly ended: Promise<void>;
}

export interface RunningWatchOptions extends Partial<PodWatchOptions> {
  /** Aborts when the clock is there. */
  readonly until?: number;
}

export function runningWatch(url: string, { until = Infinity, ...options }: RunningWatchOptions = {}): RunningWatch {
  const clock = { ms: 0 };
  const waits: number[] = [];
  const logged: string[] = [];
  const log = recordingLogger(logged);
  const problems = createProblems(log);
  const controller = new AbortController();
  const watch = createPodWatch({
    access: openAccess(url),
    node: 'node-1',
    period: 10_000,
    now: () => clock.ms,
    random: () => 0.5,
    async wait(ms) {
      waits.push(ms);
      clock.ms += ms;
      if (clock.ms >= until) controller.abort();
    },
    log,
    problems,
    ...options,
  });
  const ended = watch.run(controller.signal);
  async function stop(): Promise<void> {
    controller.abort();
    await ended;
  }
  return { watch, waits, clock, problems, logged, stop, ended, [Symbol.asyncDispose]: stop };
}

/** Access to a server that lets everyone in. */
export function openAccess(url: string): ClusterAccess {
  return {
    url: new URL(url),
    async credentials() {
      return { headers: {}, tls: {} };
    },
    refresh() {
      // There is nothing to read again.
    },
  };
}

export function recordingLogger(lines: string[]): Logger {
  const at = (level: string) => (data: object, message: string) => {
    lines.push([level, message, ...('cause' in data ? [data.cause] : [])].join(': '));
  };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** A pod as the API server shows it, as far as the agent looks. */
export function apiPod(uid: string, name = uid, more: object = {}): object {
  return {
    metadata: { uid, name, namespace: 'default', resourceVersion: '1', ...more },
    spec: { nodeName: 'node-1', containers: [{ name: 'main' }] },
    status: { qosClass: 'BestEffort' },
  };
}

/** An event about a pod that moves the version on. */
export function event(type: string, uid: string, version: string, name = uid): object {
  return { type, object: apiPod(uid, name, { resourceVersion: version }) };
}

export function bookmark(version: string): object {
  return { type: 'BOOKMARK', object: { kind: 'Pod', metadata: { resourceVersion: version } } };
}

/** Lets the process work on until the condition holds, however long that takes. */
export async function eventually(condition: () => boolean): Promise<void> {
  while (!condition()) await setImmediate();
}

/** Each request in short: a list from a version, or a watch from one. */
export function asked(api: ScriptedApi): readonly string[] {
  return api.requests.map(
    ({ query }) => `${query['watch'] === undefined ? 'list' : 'watch'} ${query['resourceVersion'] ?? 'newest'}`,
  );
}

/** The UIDs of the pods known now. */
export function known({ watch }: RunningWatch): readonly string[] {
  return Array.from(watch.snapshot().keys());
}
