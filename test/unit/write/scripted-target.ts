import { setImmediate } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import type { Logger } from '../../../src/problems.ts';
import type { Batch } from '../../../src/write/line-protocol.ts';
import type { Outcome, Target } from '../../../src/write/target.ts';

/** A target whose outcomes the test gives, one by one, while a batch is in flight. */
export interface ScriptedTarget extends Target {
  /** Lines of the batch in flight, if one is. */
  readonly inFlight: readonly string[] | undefined;
  /** Ends the request in flight and lets the queue go on to the next. */
  answer(outcome: Outcome): Promise<void>;
  /** Resolves when a request is in flight. */
  asked(): Promise<void>;
}

export function createScriptedTarget(gzip = false): ScriptedTarget {
  let inFlight: string[] | undefined;
  let resolveOutcome: (outcome: Outcome) => void = () => {};
  let ask: () => void = () => {};
  return {
    gzip,
    async send(body, points, signal) {
      const text = (gzip ? gunzipSync(body) : body).toString();
      inFlight = text.split('\n').slice(0, -1);
      if (inFlight.length !== points) throw new Error(`Told of ${points} points, given ${inFlight.length}`);
      const { promise, resolve } = Promise.withResolvers<Outcome>();
      resolveOutcome = resolve;
      signal.addEventListener('abort', () => resolve({ kind: 'wait', reason: 'aborted' }));
      ask();
      return promise;
    },
    get inFlight() {
      return inFlight;
    },
    async answer(outcome) {
      inFlight = undefined;
      resolveOutcome(outcome);
      await settled();
    },
    async asked() {
      if (inFlight !== undefined) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      ask = resolve;
      await promise;
    },
  };
}

/** Resolves when all that waits for nothing but promises has run. */
export async function settled(): Promise<void> {
  await setImmediate();
}

export function batch(...lines: readonly string[]): Batch {
  return { body: Buffer.from(lines.map((line) => `${line}\n`).join('')), points: lines.length };
}

export interface LogLine {
  readonly level: string;
  readonly data: object;
  readonly message: string;
}

export function createLog(lines: LogLine[]): Logger {
  const at = (level: string) => (data: object, message: string) => void lines.push({ level, data, message });
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
