import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runInUml } from '../servers/uml.ts';

test('a program in User Mode Linux makes a cgroup with every controller and reads what it used', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'podgauge-test-'));
  try {
    const { code, stdout, stderr } = await runInUml({
      program: process.execPath,
      args: [join(import.meta.dirname, 'uml-program.ts'), "it's", '$HOME'],
      env: { RESULT: join(folder, 'result.json'), QUOTES: '"a" \'b\'' },
      writable: [folder],
      timeoutMs: 60_000,
    });
    expect({ code, stdout, stderr }).toEqual({ code: 7, stdout: "it's $HOME\n", stderr: 'an error\n' });
    const result: unknown = JSON.parse(await readFile(join(folder, 'result.json'), 'utf8'));
    expect(result).toEqual({
      quotes: '"a" \'b\'',
      controllers: expect.stringContaining('cpu io memory'),
      files: expect.arrayContaining(['cpu.stat', 'io.stat', 'memory.current', 'memory.stat', 'pids.current']),
      cpuStat: expect.stringMatching(/^usage_usec [1-9]\d*\n/),
      pids: '1\n',
      writeOutside: 'EROFS',
    });
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('a program that does not end in time is killed with its kernel, and the console is quoted', async () => {
  const endless = runInUml({ program: '/bin/sleep', args: ['1000'], timeoutMs: 5_000 });
  await expect(endless).rejects.toThrow(
    /^\/bin\/sleep did not end in User Mode Linux within 5000 ms; its console:\n[^]*init process/,
  );
});
