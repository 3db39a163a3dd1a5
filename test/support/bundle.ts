import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '../..');
let built: Promise<string> | undefined;

/** The bundled program, built once a test process by the command that users build it by. */
export function bundle(): Promise<string> {
  built ??= promisify(execFile)(process.execPath, [join(root, 'scripts/build.ts')], { cwd: root }).then(() =>
    join(root, 'dist/podgauge.mjs'),
  );
  return built;
}
