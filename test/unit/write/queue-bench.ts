import { createQueue } from '../../../src/write/queue.ts';
import type { Queue } from '../../../src/write/queue.ts';
import type { Target } from '../../../src/write/target.ts';
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

/** A queue whose waits end at once and move the clock. `send`: in place of a target that waits for the test's word. */
export function setUp(maxBytes = 1_000_000, gzip = false, send?: Target['send']): Bench {
  const logged: LogLine[] = [];
  const waits: number[] = [];
  const target = createScriptedTarget(gzip);
  const bench = { clock: 0, waits, logged, target, stop: new AbortController() };
  const queue = createQueue({
    maxBytes,
    target: send === undefined ? target : { gzip, send },
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
