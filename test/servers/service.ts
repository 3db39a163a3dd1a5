/** A server as a child process: ready when it answers, stopped and started at will, and gone for sure at the end. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { openSync, closeSync } from 'node:fs';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { lastLines } from './command.ts';
import { claim } from './lock.ts';
import { requireTools } from './tools.ts';

export interface ServiceSpec {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Where stdout and stderr go, every start's after the one before. */
  readonly logFile: string;
  /** Whether it answers. An error means not yet. */
  ready(signal: AbortSignal): Promise<boolean>;
  readonly readyWithinMs: number;
}

export interface Service extends AsyncDisposable {
  pid(): number;
  /** SIGSTOP: connections stay open, and nothing is answered once it resolves. */
  pause(): Promise<void>;
  /** SIGCONT. */
  resume(): void;
  /** SIGKILL; resolves when the process has ended. */
  kill(): Promise<void>;
  /** The same command again, on the same port and data; what still runs is killed first. Resolves when it is ready. */
  start(): Promise<void>;
  log(): Promise<string>;
}

export async function startService(spec: ServiceSpec): Promise<Service> {
  await requireTools(['setpriv']);
  let child = await launch(spec);
  return {
    pid: () => pidOf(child),
    async pause() {
      child.kill('SIGSTOP');
      while (!(await isStopped(pidOf(child)))) await sleep(5);
    },
    resume: () => void child.kill('SIGCONT'),
    kill: () => end(child),
    async start() {
      await end(child);
      child = await launch(spec);
    },
    log: () => readFile(spec.logFile, 'utf8'),
    [Symbol.asyncDispose]: () => end(child),
  };
}

async function launch(spec: ServiceSpec): Promise<ChildProcess> {
  const log = openSync(spec.logFile, 'a');
  // The kernel kills the server when this process dies, even by SIGKILL: no server outlives a test run.
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', spec.command, ...spec.args], {
    stdio: ['ignore', log, log],
    env: { ...process.env, ...spec.env },
  });
  closeSync(log);
  await once(child, 'spawn');
  const failure = await waitUntilReady(spec, child);
  if (failure === undefined) return child;
  await end(child);
  const tail = lastLines(await readFile(spec.logFile, 'utf8'), 20);
  throw new Error(`${spec.command} ${failure}; the end of its log:\n${tail}`);
}

/** Undefined when it is ready, else why it never was. */
async function waitUntilReady(spec: ServiceSpec, child: ChildProcess): Promise<string | undefined> {
  const deadline = AbortSignal.timeout(spec.readyWithinMs);
  let last = 'it did not answer';
  while (!deadline.aborted) {
    if (hasEnded(child)) return `ended with ${child.exitCode ?? child.signalCode} before it was ready`;
    try {
      if (await spec.ready(AbortSignal.any([deadline, AbortSignal.timeout(2000)]))) return undefined;
    } catch (error) {
      last = String(error);
    }
    await sleep(50);
  }
  return `was not ready within ${spec.readyWithinMs} ms (${last})`;
}

/** One thread takes the signal, and the others may go on until it has run: on a busy machine for long enough to answer a request. */
async function isStopped(pid: number): Promise<boolean> {
  const threads = await readdir(`/proc/${pid}/task`);
  // One that ends meanwhile has not stopped.
  const statOf = (thread: string) => readFile(`/proc/${pid}/task/${thread}/stat`, 'utf8').catch(() => '');
  const stats = await Promise.all(threads.map(statOf));
  return stats.every((stat) => stat.slice(stat.lastIndexOf(')') + 2).startsWith('T'));
}

async function end(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function pidOf(child: ChildProcess): number {
  if (child.pid === undefined) throw new Error('the server never started');
  return child.pid;
}

export interface ScratchFolder extends AsyncDisposable {
  readonly path: string;
}

export async function createScratchFolder(name: string): Promise<ScratchFolder> {
  const path = await mkdtemp(join(tmpdir(), `podgauge-${name}-`));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/**
 * Given to nobody else while this process lives: it may not listen yet, or stop for a while. Below the range from which the kernel takes
 * ports for outgoing connections, so that a stopped server finds its port free again.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    if ((await claim(`port-${port}`)) && (await isFree(port))) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const { promise, resolve } = Promise.withResolvers<boolean>();
  server.once('error', () => resolve(false));
  server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  return promise;
}
