import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createLogger, openLogOutput } from '../../src/log.ts';

/** What a logger at level info writes, parsed, without its time. */
function linesOf(use: (log: ReturnType<typeof createLogger>) => void): object[] {
  const lines: string[] = [];
  use(createLogger({ level: 'info', write: (line) => lines.push(line) }));
  return lines.map((line) => {
    const { time, ...rest }: Record<string, unknown> = JSON.parse(line);
    expect(new Date(String(time)).toISOString()).toBe(time);
    return rest;
  });
}

describe('lines', () => {
  test('carry level, data and message, from the level on', () => {
    const lines = linesOf((log) => {
      log.debug({ pod: 'a' }, 'Left out');
      log.info({ pods: 3 }, 'Started');
      log.error({}, 'Failed');
    });
    expect(lines).toEqual([
      { level: 'info', pods: 3, msg: 'Started' },
      { level: 'error', msg: 'Failed' },
    ]);
  });

  test('keep counters exact beyond 2^53', () => {
    const lines: string[] = [];
    createLogger({ level: 'info', write: (line) => lines.push(line) }).info({ usage: 2n ** 60n }, 'Read');
    expect(lines.join('')).toContain('"usage":1152921504606846976,');
  });

  test('are one line of harmless characters, whatever a name holds', () => {
    const hostile = 'a\n{"level":"error"}\r\u001b[2J\u007f\u009b31m\u2028\u2029';
    const lines: string[] = [];
    createLogger({ level: 'info', write: (line) => lines.push(line) }).warn({ pod: hostile }, hostile);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^[^\p{Cc}\p{Zl}\p{Zp}]+\n$/u);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ pod: hostile, msg: hostile });
  });

  test('tell of errors their name, message, code and causes, and nothing that is attached to them', () => {
    const inner = Object.assign(new Error('refused'), {
      code: 'ECONNREFUSED',
      options: { headers: { authorization: 'secret' } },
    });
    const error = Object.assign(new Error('not sent', { cause: new AggregateError([inner, inner]) }), {
      config: { token: 'secret' },
    });
    const lines = linesOf((log) => log.error({ err: error }, 'Cannot write'));
    expect(lines).toEqual([
      {
        level: 'error',
        err: {
          name: 'Error',
          message: 'not sent',
          cause: {
            name: 'AggregateError',
            message: '',
            errors: [
              { name: 'Error', message: 'refused', code: 'ECONNREFUSED' },
              { name: 'Error', message: 'refused', code: 'ECONNREFUSED' },
            ],
          },
          stack: error.stack,
        },
        msg: 'Cannot write',
      },
    ]);
  });

  test('end a chain of causes that has no end', () => {
    const error = new Error('again');
    error.cause = error;
    expect(JSON.stringify(linesOf((log) => log.error({ err: error }, 'Failed')))).toHaveLength(
      JSON.stringify([
        {
          level: 'error',
          err: {
            name: 'Error',
            message: 'again',
            cause: {
              name: 'Error',
              message: 'again',
              cause: { name: 'Error', message: 'again', cause: { name: 'Error', message: 'again' } },
            },
            stack: error.stack,
          },
          msg: 'Failed',
        },
      ]).length,
    );
  });

  test('tell of what is thrown and no error what it is', () => {
    expect(linesOf((log) => log.error({ err: 'text' }, 'Failed'))).toEqual([{ level: 'error', err: 'text', msg: 'Failed' }]);
    expect(linesOf((log) => log.error({ err: { token: 'secret' } }, 'Failed'))).toEqual([
      { level: 'error', err: 'not an Error', msg: 'Failed' },
    ]);
  });
});

describe('output', () => {
  test('flush resolves when all lines are in the file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'podgauge-log-'));
    const path = join(folder, 'log');
    const fd = openSync(path, 'w');
    try {
      const output = openLogOutput(fd);
      for (let line = 0; line < 1000; line += 1) output.write(`line ${line}\n`);
      expect(await output.flush(AbortSignal.timeout(60_000))).toBe(true);
      expect(readFileSync(path, 'utf8')).toBe(Array.from({ length: 1000 }, (_, line) => `line ${line}\n`).join(''));
      expect(output.dropped).toBe(0);
      expect(await output.flush(AbortSignal.timeout(60_000))).toBe(true);
    } finally {
      closeSync(fd);
      await rm(folder, { recursive: true });
    }
  });

  /** A process that logs 4 MiB to its stderr and then reports on stdout. */
  const chatty = `
    import { openLogOutput } from ${JSON.stringify(new URL('../../src/log.ts', import.meta.url).href)};
    const output = openLogOutput(2);
    for (let line = 0; line < 4096; line += 1) output.write('x'.repeat(1023) + '\\n');
    const abort = new AbortController();
    const flushed = output.flush(abort.signal);
    await new Promise((resolve) => setTimeout(resolve, 50));
    abort.abort();
    process.stdout.write(JSON.stringify({ flushed: await flushed, dropped: output.dropped }) + '\\n');
    process.stdin.resume();
    process.stdin.once('end', () => process.kill(process.pid, 'SIGKILL'));
  `;

  test('a reader that stalls costs lines, never time', async () => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', chatty], { stdio: ['pipe', 'pipe', 'pipe'] });
    const [report]: unknown[] = await once(child.stdout, 'data');
    const { flushed, dropped }: { flushed: boolean; dropped: number } = JSON.parse(String(report));
    child.stdin.end();
    await once(child, 'exit');
    expect(flushed).toBe(false);
    // All but what fits into 1 MiB and into the pipe.
    expect(dropped).toBeGreaterThan(2048);
  });

  test('a reader that is gone ends the log, not the process', async () => {
    const program = `
      import { openLogOutput } from ${JSON.stringify(new URL('../../src/log.ts', import.meta.url).href)};
      await new Promise((resolve) => process.stdin.resume().once('end', resolve));
      const output = openLogOutput(2);
      output.write('nobody reads this\\n');
      const flushed = await output.flush(AbortSignal.timeout(60_000));
      output.write('nor this\\n');
      process.stdout.write(JSON.stringify({ flushed, dropped: output.dropped }) + '\\n');
    `;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['pipe', 'pipe', 'pipe'] });
    child.stderr.destroy();
    await once(child.stderr, 'close');
    child.stdin.end();
    const [[report], [code]] = await Promise.all([once(child.stdout, 'data'), once(child, 'exit')]);
    expect(String(report)).toBe('{"flushed":false,"dropped":1}\n');
    expect(code).toBe(0);
  });
});
