/**
 * `node test/servers/forward.ts <from> <to> …` listens at each `from` and passes its connections on to the `to` behind it, until it
 * is killed. It prints a line when it listens. An address is `<ip>:<port>`, or the path of a Unix socket, which crosses the border
 * between two network namespaces.
 */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { NetConnectOpts, Server } from 'node:net';

/** Bytes pass as they are, TLS included; whichever end closes or fails takes the other with it. */
export async function forward(from: string, to: string): Promise<AsyncDisposable> {
  const server = createServer((client) => {
    const upstream = connect(addressOf(to));
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
      one.pipe(other);
    }
  });
  await once(server.listen(addressOf(from)), 'listening');
  return { [Symbol.asyncDispose]: () => close(server) };
}

/** Resolves at once: a connection lasts until either end goes. */
async function close(server: Server): Promise<void> {
  server.close();
}

function addressOf(text: string): NetConnectOpts {
  if (text.startsWith('/')) return { path: text };
  const [host = '', port] = text.split(':');
  return { host, port: Number(port) };
}

if (import.meta.main) {
  const addresses = process.argv.slice(2);
  for (let i = 0; i + 1 < addresses.length; i += 2) await forward(addresses[i] ?? '', addresses[i + 1] ?? '');
  process.stdout.write('listening\n');
}
