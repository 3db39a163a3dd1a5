/**
 * `npm run ci`: the commands of the README's first two blocks as they stand there, then `check`, and the tests that the second block has
 * not run. The last line adds up all of them: a command counts as one, each test as one. CI proves everything: a test that was
 * skipped counts as failed, and so does what the machine itself lacks. Each file's seconds are listed, so that one that wastes time
 * is seen. What failed is told again at the end: whoever sees no more than the last lines sees why.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { missingOfHost } from '../test/servers/host.ts';
import { allServers, fewServers, install } from '../test/servers/install.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'podgauge-ci-'));

interface Count {
  passed: number;
  failed: number;
}

interface TestReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    /** Unix times in milliseconds. */
    readonly startTime: number;
    readonly endTime: number;
    readonly message?: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages?: readonly string[];
    }[];
  }[];
}

/** A file that took less is not worth a line. */
const listedSeconds = 10;

/** Of what a failed test says, this much is told again. */
const quotedCharacters = 1500;

const began = Date.now();
const total: Count = { passed: 0, failed: 0 };
const failures: string[] = [];

/** With the seconds since the start. */
function tell(what: string, passed: boolean, why = ''): void {
  total[passed ? 'passed' : 'failed'] += 1;
  const seconds = ((Date.now() - began) / 1000).toFixed(0);
  console.log(`${passed ? 'passed' : 'FAILED'}  ${what} (at ${seconds} s)`);
  if (!passed) failures.push(why === '' ? what : `${what}\n${why.slice(0, quotedCharacters)}`);
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
  const exit = once(child, 'close');
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const deadline = Date.now() + 120_000;
  while (!/^podgauge,.*,points=\d+i/m.test(output) && child.exitCode === null && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const seen = /^k8s_system,.*slice=\/ .*cpu_usage_core_nanoseconds=\d+i/m.test(output);
  if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGINT');
  await exit;
  return seen;
}

async function succeeds(command: string): Promise<boolean> {
  const [code] = await once(sh(command), 'close');
  return code === 0;
}

/** The same, in silence until it has ended. */
async function succeedsAside(command: string): Promise<boolean> {
  const child = sh(`${command} 2>&1`, 'pipe');
  const output: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => output.push(chunk));
  const [code] = await once(child, 'close');
  console.log(Buffer.concat(output).toString());
  return code === 0;
}

/** A command that ends in vitest, which takes more arguments; its tests are counted. */
async function runsTests(
  command: string,
  reportName: string,
  { run = succeeds, args = [] }: { readonly run?: typeof succeeds; readonly args?: readonly string[] } = {},
): Promise<void> {
  const report = join(folder, `${reportName}.json`);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const succeeded = await run([command, '--', ...args, ...reporters].join(' '));
  tell([command, ...args].join(' '), succeeded);
  if (!existsSync(report)) return;
  const tests: TestReport = JSON.parse(readFileSync(report, 'utf8'));
  for (const { name, status, startTime, endTime, message, assertionResults } of tests.testResults) {
    const file = relative(root, name);
    const seconds = (endTime - startTime) / 1000;
    if (seconds >= listedSeconds) console.log(`${seconds.toFixed(0).padStart(6)} s ${file}`);
    if (status === 'failed' && assertionResults.length === 0) tell(`test file ${file}`, false, message);
    for (const { fullName, status: outcome, failureMessages } of assertionResults) {
      if (outcome === 'passed') total.passed += 1;
      else tell(`${file}: ${outcome === 'failed' ? '' : 'SKIPPED '}${fullName}`, false, failureMessages?.join('\n'));
    }
  }
}

// A new machine builds them while all that needs none of them runs. They have nothing in node_modules, which is made anew meanwhile.
const few = install(fewServers).then(() => '', String);
const all = few.then(() => install(allServers)).then(() => '', String);
for (const line of missingOfHost()) tell(`host: ${line}`, false);
const [start, test] = readmeCommands();
if (start === undefined || test === undefined) throw new Error('The README has no two shell blocks');
tell(`README: ${start}`, await runsUntilStopped(start));
await runsTests(test, 'readme');
tell('npm run check', await succeeds('npm run --silent check'));
const missingOfFew = await few;
tell('the servers of test:integration', missingOfFew === '', missingOfFew);
// Two lanes beside each other: tests wait most of their time, and the kernel of those of the second has one processor. More at a time
// starve each other, and those in test/integration share this machine's cgroups. Each begins with what needs the few servers.
await Promise.all([
  (async () => {
    await runsTests('npm run --silent test:integration', 'integration', { args: ['test/integration/'] });
    await all;
    await runsTests('npm run --silent test:node', 'node-cluster', { args: ['test/node/cluster.test.ts'] });
  })(),
  (async () => {
    const aside = { run: succeedsAside };
    await runsTests('npm run --silent test:integration', 'kernel', { ...aside, args: ['test/kernel/'] });
    const missing = await all;
    tell('the servers of test:node', missing === '', missing);
    await runsTests('npm run --silent test:node', 'node', { ...aside, args: ['--exclude=test/node/cluster.test.ts'] });
  })(),
]);
for (const failure of failures) console.log(`\nFAILED  ${failure}`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;
