/**
 * esbuild plugins for what imports cost in memory that nobody sees in the source. Each of them is measured: see docs/performance.md.
 */
import type { Plugin } from 'esbuild';

/**
 * An ES module that imports `node:http` makes Node read every one of its exports, and one of those is a getter that loads undici
 * and HTTP/2: 5 MiB of anonymous memory for a WebSocket client that nobody uses. `require` does not.
 */
export const requireHttp: Plugin = {
  name: 'require-http',
  setup(bundle) {
    bundle.onResolve({ filter: /^node:http$/ }, ({ kind, path }) =>
      kind === 'import-statement' ? { path, namespace: 'required' } : undefined,
    );
    bundle.onLoad({ filter: /./, namespace: 'required' }, ({ path }) => ({
      contents: `module.exports = require('${path}');`,
      loader: 'js',
    }));
  },
};

/** pino's transports are threads. We use none: without them `worker_threads` and what it loads stay out. */
export const withoutThreads: Plugin = {
  name: 'without-threads',
  setup(bundle) {
    bundle.onResolve({ filter: /^(thread-stream|worker_threads)$/ }, ({ path }) => ({ path, namespace: 'absent' }));
    bundle.onLoad({ filter: /./, namespace: 'absent' }, ({ path }) => ({
      contents:
        path === 'worker_threads'
          ? 'module.exports = { isMainThread: true };'
          : `module.exports = function () { throw new Error('${path} is not in this bundle'); };`,
      loader: 'js',
    }));
  },
};
