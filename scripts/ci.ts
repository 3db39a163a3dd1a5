/**
 * `npm run ci`: the commands of the README's first two blocks as they stand there, then `check` and `test:all`. The last line adds
 * up all of them: a command counts as one, each test as one. A test that was skipped counts as failed: CI proves everything.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const report = join(mkdtempSync(join(tmpdir(), 'podgauge-ci-')), 'report.json');

interface Count {
  passed: number;
  failed: number;
}

interface TestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly success: boolean;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

const total: Count = { passed: 0, failed: 0 };

function tell(what: string, passed: boolean): void {
  total[passed ? 'passed' : 'failed'] += 1;
  console.log(`${passed ? 'passed' : 'FAILED'}  ${what}`);
}

/** The one command of each of the README's first two shell blocks. */
function readmeCommands(): readonly string[] {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  return Array.from(readme.matchAll(/```sh\n(.*)\n```/g), ([, command]) => command ?? '').slice(0, 2);
}

function sh(command: string, output: 'inherit' | 'pipe' = 'inherit') {
  return spawn('sh', ['-c', command], { cwd: root, stdio: ['ignore', output, 'inherit'], detached: true });
}

/** It runs for ever: seen printing real points, it is stopped as Ctrl-C does. */
async function runsUntilStopped(command: string): Promise<boolean> {
  const child = sh(command, 'pipe');
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const deadline = Date.now() + 120_000;
  while (!/^podgauge,.*,points=\d+i/m.test(output) && child.exitCode === null && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const seen = /^k8s_system,.*slice=\/ .*cpu_usage_core_nanoseconds=\d+i/m.test(output);
  const exit = once(child, 'close');
  if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGINT');
  await exit;
  return seen;
}

async function succeeds(command: string): Promise<boolean> {
  const [code] = await once(sh(command), 'close');
  return code === 0;
}

const [start, test] = readmeCommands();
if (start === undefined || test === undefined) throw new Error('The README has no two shell blocks');
tell(`README: ${start}`, await runsUntilStopped(start));
tell(`README: ${test}`, await succeeds(test));
tell('npm run check', await succeeds('npm run --silent check'));

await succeeds(`npm run --silent test:all -- --reporter=default --reporter=json --outputFile.json=${report}`);
const tests: TestReport = JSON.parse(readFileSync(report, 'utf8'));
for (const { name, status, assertionResults } of tests.testResults) {
  if (status === 'failed' && assertionResults.length === 0) tell(`test file ${name}`, false);
  for (const { fullName, status: outcome } of assertionResults) {
    if (outcome !== 'passed' && outcome !== 'failed') console.log(`SKIPPED ${fullName}`);
  }
}
total.passed += tests.numPassedTests;
total.failed += tests.numFailedTests + tests.numPendingTests + tests.numTodoTests;
if (!tests.success && total.failed === 0) tell('npm run test:all', false);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;
