import { createQueue } from '../../../src/write/queue.ts';
import type { Queue } from '../../../src/write/queue.ts';
import { createLog, createScriptedTarget } from './scripted-target.ts';
import type { LogLine, ScriptedTarget } from './scripted-target.ts';

export interface Bench {
  readonly queue: Queue;
  readonly target: ScriptedTarget;
  readonly waits: number[];
  readonly logged: LogLine[];
  readonly stop: AbortController;
  clock: number;
}

/** A queue whose waits end at once and move the clock. */
export function setUp(maxBytes = 1_000_000, gzip = false): Bench {
  const logged: LogLine[] = [];
  const waits: number[] = [];
  const target = createScriptedTarget(gzip);
  const bench = { clock: 0, waits, logged, target, stop: new AbortController() };
  const queue = createQueue({
    maxBytes,
    target,
    now: () => bench.clock,
    random: () => 0.5,
    wait: async (milliseconds) => {
      waits.push(milliseconds);
      bench.clock += milliseconds;
    },
    log: createLog(logged),
  });
  return Object.assign(bench, { queue });
}
