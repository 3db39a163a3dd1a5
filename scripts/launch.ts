/** What Node is started with: the shebang of the bundle and the entry point of the image say the same. */

/**
 * V8's own limits ignore small containers, and Node's default young generation alone costs 50 MiB. `--heap-growing-percent`,
 * `--optimize-for-size` and one optimizing compiler instead of two are worth 12 MiB together, no baseline code (`--no-sparkplug`) 2 MiB
 * more, and they cost no CPU that could be measured; one worker is enough for the collector of so small a heap. Without `--disable-sigusr1` a signal opens the inspector.
 */
const nodeFlags = [
  '--max-semi-space-size=1',
  '--max-old-space-size=96',
  '--heap-growing-percent=10',
  '--optimize-for-size',
  '--no-sparkplug',
  '--no-maglev',
  '--v8-pool-size=1',
  '--disable-sigusr1',
];

/** One arena for all threads, and what is freed goes back to the kernel: batches, and what the compiler used. */
const environment = 'MALLOC_ARENA_MAX=1 MALLOC_TRIM_THRESHOLD_=65536 MALLOC_MMAP_THRESHOLD_=32768';

export const shebang = `#!/usr/bin/env -S ${environment} node ${nodeFlags.join(' ')}`;

/** The kernel reads so much of it, and says nothing of the rest: BINPRM_BUF_SIZE of include/uapi/linux/binfmts.h, with the line's end. */
const mostOfShebang = 256;
if (shebang.length >= mostOfShebang) throw new Error(`The shebang has ${shebang.length} bytes, ${mostOfShebang - 1} at most`);

/** The Dockerfile with the lines in it that are written, not edited; throws where one is not there. */
export function dockerfileOf(text: string, version: string): string {
  const entryPoint = ['/nodejs/bin/node', ...nodeFlags, '/podgauge.mjs'].map((word) => JSON.stringify(word));
  const lines = { 'ARG VERSION=': version, 'ENV ': environment, 'ENTRYPOINT ': `[${entryPoint.join(', ')}]` };
  let result = text;
  for (const [start, rest] of Object.entries(lines)) {
    const line = new RegExp(`^${start}.*$`, 'm');
    if (!line.test(result)) throw new Error(`Dockerfile: no line begins with ${start}`);
    result = result.replace(line, `${start}${rest}`);
  }
  return result;
}
