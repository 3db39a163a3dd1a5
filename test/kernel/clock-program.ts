/** What test/kernel/clock.test.ts runs inside User Mode Linux: the agent, under a wall clock that is set back by an hour meanwhile. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

const [program = ''] = process.argv.slice(2);
const enough = 4;
const agent = spawn(program, ['--source', 'cgroup', '--node-name', 'n', '--period', '1s', '--output', 'stdout']);
agent.stderr.pipe(process.stderr);
const beats: string[] = [];
let isSetBack = false;

createInterface(agent.stdout).on('line', (line) => {
  if (!line.startsWith('podgauge,')) return;
  beats.push(line);
  if (beats.length === enough && !isSetBack) {
    isSetBack = true;
    execFileSync('date', ['--set', `@${Math.floor(Date.now() / 1000) - 3600}`]);
  }
  if (beats.length === 2 * enough) agent.kill('SIGTERM');
});
const [code] = await once(agent, 'close');
process.stdout.write(beats.map((line) => `${line}\n`).join(''));
process.exitCode = Number(code);
