import { execFile } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '../..');
const given = process.env['PODGAUGE_TEST_PROGRAM'];
let built: Promise<string> | undefined;

/**
 * The bundled program, built once a test process by the command that users build it by, or the file that PODGAUGE_TEST_PROGRAM
 * names: the one of `setup`, or where the tree cannot be written to.
 */
export function bundle(): Promise<string> {
  built ??= given === undefined ? build(join(root, 'dist/podgauge.mjs')) : Promise.resolve(given);
  return built;
}

/** For vitest's globalSetup: one program for all files of a run, which no other run writes anew. What it resolves with removes it. */
export async function setup(): Promise<(() => Promise<void>) | undefined> {
  if (given !== undefined) return undefined;
  const folder = join(root, `dist/of-test-run-${process.pid}`);
  await mkdir(folder, { recursive: true });
  process.env['PODGAUGE_TEST_PROGRAM'] = await build(join(folder, 'podgauge.mjs'));
  return () => rm(folder, { recursive: true, force: true });
}

async function build(program: string): Promise<string> {
  const command = [join(root, 'scripts/build.ts'), join(root, 'src/main.ts'), program];
  await promisify(execFile)(process.execPath, command, { cwd: root });
  return program;
}
