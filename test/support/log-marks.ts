import { expect } from 'vitest';
import type { AgentProcess } from './agent-process.ts';

/**
 * Of a heartbeat: so many causes are kept so as not to be logged again, and those of slow reads, for which the machine may be to blame:
 * as long as that is there which was slow.
 */
export function expectMarks(beat: Readonly<Record<string, unknown>> | undefined, { log }: AgentProcess, marks: number): void {
  const slow = log.filter(({ kind }) => kind === 'slow').length;
  expect(Number(beat?.['log_marks'])).toBeGreaterThanOrEqual(marks);
  expect(Number(beat?.['log_marks'])).toBeLessThanOrEqual(marks + slow);
}
