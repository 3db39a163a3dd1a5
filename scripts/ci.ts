/**
 * `npm run ci`: the commands of the README's first two blocks as they stand there, then `check`, and the tests that the second block has
 * not run. The last line adds up all of them: a command counts as one, each test as one. CI proves everything: a test that was
 * skipped counts as failed, and so does what the machine itself lacks. What failed is told again at the end: whoever sees no more than
 * the last lines sees why.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { missingOfHost } from '../test/servers/host.ts';
import { serversAt, stageOf, stages } from './test-stages.ts';

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
    readonly message?: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages?: readonly string[];
    }[];
  }[];
}

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
  const runs = (): boolean => child.exitCode === null && child.signalCode === null;
  const deadline = Date.now() + 600_000;
  while (!/^podgauge,.*,points=\d+i/m.test(output) && runs() && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const seen = /^k8s_system,.*slice=\/ .*cpu_usage_core_nanoseconds=\d+i/m.test(output);
  if (child.pid !== undefined && runs()) process.kill(-child.pid, 'SIGINT');
  await exit;
  return seen;
}

async function succeeds(command: string): Promise<boolean> {
  const [code] = await once(sh(command), 'close');
  return code === 0;
}

/** The same, in silence until it has ended. Resolves with its code and what it said where it failed, else with nothing. */
async function failureOf(command: string): Promise<string> {
  const child = sh(`exec 2>&1; ${command}`, 'pipe');
  const output: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => output.push(chunk));
  const [code] = await once(child, 'close');
  const text = Buffer.concat(output).toString();
  console.log(text);
  return code === 0 ? '' : `ended with code ${code}:\n${text}`;
}

const succeedsAside = async (command: string): Promise<boolean> => (await failureOf(command)) === '';

interface TestRun {
  readonly run?: typeof succeeds;
  readonly args?: readonly string[];
  /** The command, where absent. */
  readonly title?: string;
}

/** A command that ends in vitest, which takes more arguments; its tests are counted. */
async function runsTests(
  command: string,
  reportName: string,
  { run = succeeds, args = [], title = command }: TestRun = {},
): Promise<void> {
  const report = join(folder, `${reportName}.json`);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const succeeded = await run([command, '--', ...args, ...reporters].join(' '));
  tell(title, succeeded);
  if (!existsSync(report)) return;
  const tests: TestReport = JSON.parse(readFileSync(report, 'utf8'));
  for (const { name, status, message, assertionResults } of tests.testResults) {
    const file = relative(root, name);
    if (status === 'failed' && assertionResults.length === 0) tell(`test file ${file}`, false, message);
    for (const { fullName, status: outcome, failureMessages } of assertionResults) {
      if (outcome === 'passed') total.passed += 1;
      else tell(`${file}: ${outcome === 'failed' ? '' : 'SKIPPED '}${fullName}`, false, failureMessages?.join('\n'));
    }
  }
}

/**
 * Each of the servers' stages when those before are over, in a process that gives way to all else. It has its own session, and nice(1)
 * counts within one alone: sched(7), "The autogroup feature". Resolve with what is missing.
 */
function buildServers(): readonly Promise<string>[] {
  // npm makes anew meanwhile what is in node_modules.
  const node = join(folder, 'node');
  copyFileSync(process.execPath, node);
  const aside = '{ echo 19 > /proc/self/autogroup; } 2> /dev/null; exec nice -n 19';
  let before = Promise.resolve('');
  return stages.map(({ servers }) => {
    if (servers.length === 0) return before;
    before = before.then(() => failureOf(`${aside} ${node} test/servers/install.ts ${servers.join(' ')}`));
    return before;
  });
}

function testsIn(folders: string): readonly string[] {
  return globSync(`${folders}/**/*.test.ts`, { cwd: root });
}

/** Runs test files one after the other, those first whose servers are there first. */
async function runLane(name: string, files: readonly string[], run = succeeds): Promise<void> {
  for (const [index, built] of servers.entries()) {
    const args = files.filter((file) => stageOf(file, root) === index);
    if (args.length === 0) continue;
    await built;
    const known = serversAt(index);
    const command = `PODGAUGE_TEST_SERVERS=${known.join(',')} npm run --silent test:all`;
    const title = `npm run test:all, ${name}: ${args.length} files that need ${known.join(', ') || 'no server'}`;
    await runsTests(command, `${name}-${index}`, { run, args, title });
  }
}

const servers = buildServers();
for (const line of missingOfHost()) tell(`host: ${line}`, false);
const [start, test] = readmeCommands();
if (start === undefined || test === undefined) throw new Error('The README has no two shell blocks');
tell(`README: ${start}`, await runsUntilStopped(start));
await runsTests(test, 'readme');
tell('npm run check', await succeeds('npm run --silent check'));
// Two lanes beside each other: tests wait most of their time, and a node's kernel has one processor. More at a time starve each other,
// and those in test/integration share this machine's cgroups.
await Promise.all([
  runLane('integration', testsIn('test/{integration,kernel}')),
  runLane('node', testsIn('test/node'), succeedsAside),
]);
for (const [index, built] of servers.entries()) {
  const missing = await built;
  const { servers: names } = stages[index] ?? { servers: [] };
  if (names.length > 0) tell(`building ${names.join(', ')}`, missing === '', missing);
}
rmSync(folder, { recursive: true });
for (const failure of failures) console.log(`\nFAILED  ${failure}`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;
