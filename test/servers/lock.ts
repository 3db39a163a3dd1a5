/** What only one process of this machine may do or have at a time. */
import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until nobody else has it. The kernel lets go of an abstract socket when its process dies, however it dies. */
export async function lock(name: string): Promise<AsyncDisposable> {
  for (;;) {
    const held = await tryLock(name);
    if (held !== undefined) return held;
    await sleep(500);
  }
}

/** Undefined where somebody has it. */
export async function tryLock(name: string): Promise<AsyncDisposable | undefined> {
  // An address is of 108 bytes, and a name may be a path.
  const address = `\0podgauge-test-${createHash('sha256').update(name).digest('hex')}`;
  const server = createServer();
  const { promise, resolve, reject } = Promise.withResolvers<Server | undefined>();
  server.once('error', (error: NodeJS.ErrnoException) => (error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error)));
  server.listen(address, () => resolve(server));
  const held = await promise;
  // It keeps nobody from ending.
  return held?.unref() && { [Symbol.asyncDispose]: () => held[Symbol.asyncDispose]() };
}
