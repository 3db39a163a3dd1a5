import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
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

test('a port of the host and a module of the kernel are there where asked for', async () => {
  await using server = createServer((_request, response) => response.end('from outside'));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port');
  const script = `
    require('node:child_process').execFileSync('ip', ['link', 'add', 'one', 'type', 'veth', 'peer', 'name', 'other']);
    fetch('http://127.0.0.1:${address.port}').then(async (answer) => console.log(await answer.text()));`;
  const result = await runInUml({
    program: process.execPath,
    args: ['-e', script],
    modules: ['veth'],
    hostPorts: [address.port],
    timeoutMs: 60_000,
  });
  expect(result).toEqual({ code: 0, stdout: 'from outside\n', stderr: '' });
});

test('a module that the kernel does not have is named, and the program is not run', async () => {
  const result = await runInUml({ program: '/bin/true', modules: ['nothing'], timeoutMs: 60_000 });
  expect(result).toEqual({ code: 1, stdout: '', stderr: expect.stringContaining('Module nothing not found') });
});

test('a program that does not end in time is killed with its kernel, and the console is quoted', async () => {
  const endless = runInUml({ program: '/bin/sleep', args: ['1000'], timeoutMs: 5_000 });
  await expect(endless).rejects.toThrow(
    /^\/bin\/sleep did not end in User Mode Linux within 5000 ms; its console:\n[^]*init process/,
  );
});
