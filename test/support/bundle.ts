import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '../..');
const given = process.env['PODGAUGE_TEST_PROGRAM'];
let built: Promise<string> | undefined;

/**
 * The bundled program, built once a test process by the command that users build it by, or the file that PODGAUGE_TEST_PROGRAM
 * names, where the tree cannot be written to.
 */
export function bundle(): Promise<string> {
  built ??= given === undefined ? build() : Promise.resolve(given);
  return built;
}

async function build(): Promise<string> {
  await promisify(execFile)(process.execPath, [join(root, 'scripts/build.ts')], { cwd: root });
  return join(root, 'dist/podgauge.mjs');
}
