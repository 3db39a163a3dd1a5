/**
 * `node test/servers/forward.ts <from> <to> …` listens at each `from` and passes its connections on to the `to` behind it, until it
 * is killed. It prints a line when it listens. An address is `<ip>:<port>`, or the path of a Unix socket, which crosses the border
 * between two network namespaces.
 */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { NetConnectOpts } from 'node:net';
import type { Duplex } from 'node:stream';

export async function forward(from: string, to: string): Promise<Disposable> {
  const server = createServer((client) => connectBoth(client, connect(addressOf(to))));
  await once(server.listen(addressOf(from)), 'listening');
  // Connections last until one of their ends goes.
  return { [Symbol.dispose]: () => void server.close() };
}

/** Bytes pass as they are, TLS included. Whichever end fails takes the other with it: that is all a network tells. */
export function connectBoth(client: Duplex, upstream: Duplex): void {
  for (const [one, other] of [
    [client, upstream],
    [upstream, client],
  ] as const) {
    one.on('error', () => other.destroy());
    one.on('close', () => other.destroy());
    one.pipe(other);
  }
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
