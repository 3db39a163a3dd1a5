/** The edge of the process: arguments, environment, clock, signals and the exit code. Everything below gets them as arguments. */
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { accessOf, selectionOf } from './cluster.ts';
import { readCommandLine } from './config/command-line.ts';
import { ConfigError } from './config/error.ts';
import { helpText } from './config/help.ts';
import { loadConfig } from './config/load.ts';
import { createLogger, openLogOutput } from './log.ts';
import { once, run } from './run.ts';
import type { Surroundings } from './run.ts';
import { version } from './version.ts';

/** How long the log may take to reach a slow reader at the end. */
const logFlushMilliseconds = 1000;

/**
 * What a cycle makes is garbage when it ends: V8 must not learn from the first ones to put it among what stays. With 1,200 cgroups
 * that was a quarter of all CPU. Here, because the kernel cuts a shebang off at 255 bytes.
 */
setFlagsFromString('--no-allocation-site-pretenuring');

async function main(): Promise<number> {
  const commandLine = readCommandLine(process.argv.slice(2));
  if (commandLine.command === 'help' || commandLine.command === 'version') {
    process.stdout.write(commandLine.command === 'help' ? helpText() : `podgauge ${version()}\n`);
    return 0;
  }
  const config = await loadConfig({
    commandLine,
    environment: process.env,
    readFile: (path) => readFile(path, 'utf8'),
    hostname: hostname(),
  });
  const output = openLogOutput(process.stderr.fd);
  const log = createLogger({ level: config.logLevel, write: output.write });
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort());
  const surroundings: Surroundings = {
    env: process.env,
    stdout: process.stdout,
    log,
    now: () => performance.now(),
    wall: () => Date.now(),
    random: Math.random,
    // An abort ends the wait early and is no error: whoever waits looks at the signal next.
    wait: (milliseconds, signal) => setTimeout(Math.max(0, milliseconds), undefined, { signal }).catch(() => undefined),
    ownUsage() {
      const { user, system } = process.cpuUsage();
      return { cpuNanoseconds: (user + system) * 1000, rssBytes: process.memoryUsage.rss() };
    },
  };
  try {
    if (commandLine.command === 'check') {
      const access = await accessOf(config.source, process.env);
      process.stdout.once('error', () => stop.abort());
      // Loaded only here: no agent that runs pays for it.
      const { check } = await import('./check/check.ts');
      const selection = selectionOf(config.pods);
      const print = (line: string): void => void process.stdout.write(`${line}\n`);
      return await check(config, { ...surroundings, access, selection, print, pid: process.pid }, stop.signal);
    }
    return await (commandLine.command === 'once' ? once : run)(config, surroundings, stop);
  } finally {
    await output.flush(AbortSignal.timeout(logFlushMilliseconds));
  }
}

/** How long a file that is being read or written may hold up the end. */
const filesMilliseconds = 500;

/** `process.exit` waits for the threads of libuv, and one of them may wait for a disk that does not answer for ever. */
async function leave(code: number): Promise<never> {
  const end = performance.now() + filesMilliseconds;
  const isBusy = (): boolean => process.getActiveResourcesInfo().some((name) => name.startsWith('FSReq'));
  while (isBusy() && performance.now() < end) await setTimeout(20);
  if (isBusy()) process.kill(process.pid, 'SIGKILL');
  process.exit(code);
}

try {
  await leave(await main());
} catch (error) {
  const message = error instanceof ConfigError ? error.message : String(error instanceof Error ? error.stack : error);
  process.stderr.write(`podgauge: ${message}\n`);
  process.exit(error instanceof ConfigError ? 2 : 1);
}
