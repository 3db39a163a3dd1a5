import { readFile } from 'node:fs/promises';
import { parseLine } from '../unit/write/parse-line.ts';
import type { Point } from '../unit/write/parse-line.ts';
import { startAgent } from './agent-process.ts';
import type { AgentProcess } from './agent-process.ts';

/** One run of the agent that writes to a file of its own. */
export interface FileRun extends AsyncDisposable {
  readonly agent: AgentProcess;
  /** All points written whole so far. */
  points(): Promise<Point[]>;
  /** SIGKILL; resolves when it has ended. */
  kill(): Promise<void>;
}

export async function startFileRun(file: string, args: readonly string[]): Promise<FileRun> {
  const agent = await startAgent({ args: [...args, '--output', `file:${file}`] });
  const kill = async (): Promise<void> => agent[Symbol.asyncDispose]();
  return {
    agent,
    kill,
    async points() {
      // Nothing is written before the first cycle.
      const text = await readFile(file, 'utf8').catch(() => '');
      const whole = text.slice(0, text.lastIndexOf('\n') + 1);
      return whole.split('\n').filter(Boolean).map(parseLine);
    },
    [Symbol.asyncDispose]: kill,
  };
}
