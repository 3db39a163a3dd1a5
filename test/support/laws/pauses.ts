/** When the worker's kernel did not run, as one of its processes saw it. */
import type { Worker } from '../../servers/cluster/worker.ts';
import { until } from '../until.ts';

export interface Pauses {
  /** Milliseconds in all, between two Unix times in milliseconds. Not known at once. */
  within(from: number, to: number): number;
}

export interface RecordedPauses extends Pauses {
  /** Reads on, from then on, in these lines: when a pause had ended, and how long it was. */
  from(lines: readonly string[]): void;
}

/** It comes before all others, as it wants to run but for a moment now and then. Shorter pauses are the kernel's own affair. */
const script = `
require('node:os').setPriority(-20);
let last = performance.now();
setInterval(() => {
  const now = performance.now();
  if (now - last > 70) console.log(Date.now(), Math.ceil(now - last));
  last = now;
}, 20);
console.log('ready');
`;

/** What is noted may be noted a little later than what was read in spite of it. */
const notedWithin = 250;

export function createPauses(): RecordedPauses {
  let source: readonly string[] = [];
  return {
    within(from, to) {
      let sum = 0;
      for (const line of source) {
        const [endedAt = NaN, milliseconds = 0] = line.split(' ').map(Number);
        if (endedAt > from && endedAt <= to + notedWithin) sum += milliseconds;
      }
      return sum;
    },
    from(lines) {
      source = lines;
    },
  };
}

export async function followPauses(worker: Worker, pauses: RecordedPauses): Promise<void> {
  const { stdout, stderr } = await worker.start({ program: 'node', args: ['--eval', script] });
  await until('the look at pauses', () => stdout.includes('ready'), { describe: () => stderr.join('\n') });
  pauses.from(stdout);
}
