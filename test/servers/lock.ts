/** What only one process of this machine may do or have. The kernel lets go of an abstract socket when its process dies, however it dies. */
import { createServer, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Two runs must not make one thing at once: waits until it is free. */
export async function lock(name: string): Promise<AsyncDisposable> {
  for (;;) {
    const server = await listen(name);
    if (server !== undefined) return { [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
    await sleep(500);
  }
}

/** Until this process ends; false where another has it, or this one has it already. */
export async function claim(name: string): Promise<boolean> {
  const server = await listen(name);
  server?.unref();
  return server !== undefined;
}

/** Undefined where the name is in use. */
async function listen(name: string): Promise<Server | undefined> {
  const server = createServer();
  const { promise, resolve, reject } = Promise.withResolvers<Server | undefined>();
  server.once('error', (error: NodeJS.ErrnoException) => (error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error)));
  server.listen(`\0podgauge-test-${name}`, () => resolve(server));
  return promise;
}
