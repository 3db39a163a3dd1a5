import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { bundle } from './bundle.ts';

export interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly [key: string]: unknown;
}

export interface AgentProcess extends AsyncDisposable {
  readonly pid: number;
  /** What it logged so far, oldest first. */
  readonly log: readonly LogLine[];
  /** Of these what is no mere information, but for slow reads: a machine that is busy may take long over one. */
  readonly complaints: readonly LogLine[];
  /** What it printed so far. */
  readonly output: readonly string[];
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
  /** Resolves with the exit code when it ends by itself. */
  ended(): Promise<number | null>;
}

export interface AgentProcessOptions {
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** A command that becomes the program it is given behind its own arguments, such as `nice`. */
  readonly under?: readonly string[];
  /** What is started in place of the bundle, such as the entry point of an image. */
  readonly program?: readonly string[];
}

/**
 * Starts the bundled program as a user would, with nothing of the test's own environment but the path. Several may run at once, so none
 * listens unless it is told where.
 */
export async function startAgent({ args, env = {}, under = [], program: given }: AgentProcessOptions): Promise<AgentProcess> {
  const [program = '', ...rest] = [...under, ...(given ?? [await bundle()]), ...args];
  const surroundings = { PATH: process.env['PATH'], PODGAUGE_LISTEN: 'off', ...env };
  const child = spawn(program, rest, { env: surroundings, stdio: ['ignore', 'pipe', 'pipe'] });
  await once(child, 'spawn');
  const log: LogLine[] = [];
  const output: string[] = [];
  createInterface(child.stdout).on('line', (line) => output.push(line));
  createInterface(child.stderr).on('line', (line) => log.push(parsed(line)));
  const exit = once(child, 'close').then(() => child.exitCode);
  if (child.pid === undefined) throw new Error('The agent has no pid');
  return {
    pid: child.pid,
    log,
    get complaints() {
      return log.filter(({ level, kind }) => level !== 'info' && kind !== 'slow');
    },
    output,
    stop() {
      child.kill('SIGTERM');
      return exit;
    },
    ended: () => exit,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exit;
    },
  };
}

/** A line of its log; what is no JSON, such as a crash of Node itself, becomes a line of level 100. */
function parsed(line: string): LogLine {
  try {
    return JSON.parse(line);
  } catch {
    return { level: 'crash', msg: line };
  }
}
