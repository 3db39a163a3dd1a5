/**
 * An esbuild plugin that keeps what `import()` loads as compressed text inside the bundle, and unpacks it when it is reached.
 * Left as code, @kubernetes/client-node costs each agent 16 MiB of anonymous memory without ever being used: V8 scans its
 * source, and its imports of Node's modules are hoisted to the start of the one file.
 */
import { join, relative } from 'node:path';
import { brotliCompressSync } from 'node:zlib';

import { build } from 'esbuild';
import type { BuildOptions, Plugin } from 'esbuild';

/**
 * `programs` are what `import()` may load of our own, by the ends of their paths: a sub-command beside which nothing else of the bundle
 * runs, and which shares nothing but plain values with it.
 */
export function packLazyImports(options: BuildOptions, programs: readonly string[]): Plugin {
  const { absWorkingDir: root = process.cwd() } = options;
  return {
    name: 'pack-lazy-imports',
    setup(bundle) {
      bundle.onResolve({ filter: /./ }, async ({ kind, path, resolveDir, importer, pluginData }) => {
        if (kind !== 'dynamic-import' || pluginData === 'resolved' || path.startsWith('node:')) return undefined;
        // What packages import lazily stays as it is: there it is mostly a way to load what may be missing.
        if (importer.includes('node_modules')) return undefined;
        const resolved = await bundle.resolve(path, { kind, resolveDir, importer, pluginData: 'resolved' });
        // The path becomes a name in the bundle, which is the same wherever it is built.
        return resolved.errors.length > 0 ? resolved : { path: relative(root, resolved.path), namespace: 'packed' };
      });
      bundle.onLoad({ filter: /./, namespace: 'packed' }, async ({ path }) => ({
        contents: await pack(join(root, path), options, programs),
        loader: 'js',
      }));
    },
  };
}

/** A CommonJS module that compiles what it holds when it is first required. */
async function pack(path: string, options: BuildOptions, programs: readonly string[]): Promise<string> {
  const { outputFiles, metafile } = await build({
    ...options,
    entryPoints: [path],
    format: 'cjs',
    minifyIdentifiers: true,
    write: false,
    metafile: true,
  });
  const own = Object.keys(metafile.inputs).filter((input) => !input.includes('node_modules'));
  // A module that is in the bundle twice has its state twice, and its classes are different ones.
  if (own.length > 1 && !programs.some((program) => path.endsWith(program)))
    throw new Error(`Cannot pack ${path}: what is imported lazily may import only packages, not ${own.join(', ')}`);
  const code = outputFiles.map((file) => file.text).join('');
  return `const { brotliDecompressSync } = require('node:zlib');
const { compileFunction } = require('node:vm');
const code = brotliDecompressSync(Buffer.from('${brotliCompressSync(code).toString('base64')}', 'base64')).toString();
compileFunction(code, ['module', 'exports', 'require'])(module, exports, require);`;
}
