/** An esbuild plugin that puts the program of the thread that walks into the one file, as text that costs nothing until it is started. */
import { join } from 'node:path';

import { build } from 'esbuild';
import type { BuildOptions, Plugin } from 'esbuild';

export function packThread(options: BuildOptions): Plugin {
  return {
    name: 'pack-thread',
    setup(bundle) {
      bundle.onLoad({ filter: /\/src\/file-systems\/walk-program\.ts$/ }, async ({ path }) => {
        const entry = join(path, '../walk-worker.ts');
        const program: BuildOptions = { ...options, entryPoints: [entry], format: 'esm', minifyIdentifiers: true };
        const { outputFiles } = await build({ ...program, write: false });
        const code = outputFiles.map((file) => file.text).join('');
        const url = `data:text/javascript;base64,${Buffer.from(code).toString('base64')}`;
        return { contents: `export const walkProgram = new URL('${url}');`, loader: 'js' };
      });
    },
  };
}
