/**
 * `npm run build`: the one file that the image holds, dist/podgauge.mjs, with its dependencies in it. Identifiers are not
 * minified, so stacks stay readable. `node scripts/build.ts <entry> <outfile>` bundles another program the same way.
 */
import { chmod, readFile, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';
import type { BuildOptions } from 'esbuild';

import { shebang } from './launch.ts';
import { requireHttp, withoutThreads } from './lean-imports.ts';
import { packLazyImports } from './pack-lazy-imports.ts';
import { packThread } from './pack-thread.ts';

/** CommonJS parts of the dependencies call `require` for Node's own modules, which an ES module does not have. */
const require = `import { createRequire as requireFrom } from 'node:module';
const require = requireFrom(import.meta.url);`;

const root = fileURLToPath(new URL('..', import.meta.url));
const [entry = `${root}src/main.ts`, outfile = `${root}dist/podgauge.mjs`] = process.argv.slice(2);

const packageJson: unknown = JSON.parse(await readFile(`${root}package.json`, 'utf8'));
if (typeof packageJson !== 'object' || packageJson === null || !('version' in packageJson))
  throw new Error('No version in package.json');

const options: BuildOptions = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node24',
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'inline',
  define: { PODGAUGE_VERSION: JSON.stringify(packageJson.version) },
  logLevel: 'warning',
};

await build({
  ...options,
  entryPoints: [entry],
  outfile,
  format: 'esm',
  banner: { js: `${shebang}\n${require}` },
  plugins: [requireHttp, withoutThreads, packLazyImports(options, ['/src/check/check.ts']), packThread(options)],
});
await chmod(outfile, 0o755);
console.log(`${outfile}: ${((await stat(outfile)).size / 1024).toFixed(0)} KiB`);
