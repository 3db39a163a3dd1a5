/** `npm run check`: all that is said about the tree without running it. Each check is run, whatever the others find. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const checks: readonly (readonly [name: string, command: string, ...args: string[]])[] = [
  ['types', 'tsc', '-p', '.'],
  ['lint', 'oxlint', '--deny-warnings'],
  ['format', 'oxfmt', '--check'],
  ['unused', 'knip'],
  ['generated', process.execPath, 'scripts/generate.ts', '--check'],
];

const root = fileURLToPath(new URL('..', import.meta.url));
const env = { ...process.env, PATH: `${root}node_modules/.bin:${process.env['PATH']}` };

let failed = 0;
for (const [name, command, ...args] of checks) {
  const startedAt = performance.now();
  const { status, error, stdout, stderr } = spawnSync(command, args, { cwd: root, env, encoding: 'utf8', maxBuffer: 2 ** 26 });
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  if (status === 0) {
    console.log(`ok      ${name} (${seconds} s)`);
    continue;
  }
  failed += 1;
  console.log(`FAILED  ${name} (${seconds} s)\n${error?.message ?? `${stdout}${stderr}`.trimEnd()}`);
}
console.log(`${checks.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
