/** What test/kernel/uml.test.ts runs inside User Mode Linux. */
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';

const root = '/sys/fs/cgroup';
const cgroup = `${root}/pod`;
mkdirSync(cgroup);
const busy = spawn('sh', ['-c', 'while :; do :; done']);
writeFileSync(`${cgroup}/cgroup.procs`, String(busy.pid));
while (readFileSync(`${cgroup}/cpu.stat`, 'utf8').startsWith('usage_usec 0\n'));

writeFileSync(
  process.env['RESULT'] ?? '',
  JSON.stringify({
    quotes: process.env['QUOTES'],
    controllers: readFileSync(`${root}/cgroup.controllers`, 'utf8'),
    files: readdirSync(cgroup),
    cpuStat: readFileSync(`${cgroup}/cpu.stat`, 'utf8'),
    pids: readFileSync(`${cgroup}/pids.current`, 'utf8'),
    writeOutside: errorOf(() => writeFileSync('/usr/podgauge-was-here', '')),
  }),
);
busy.kill('SIGKILL');
process.stdout.write(`${process.argv.slice(2).join(' ')}\n`);
process.stderr.write('an error\n');
process.exitCode = 7;

function errorOf(action: () => void): unknown {
  try {
    action();
    return 'none';
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error;
  }
}
