import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { connectBoth } from '../servers/forward.ts';

/** A network between two programs that can fail: bytes pass as they are, TLS included. */
export interface Network extends AsyncDisposable {
  readonly port: number;
  /** Connections that a client opened, those that were cut at once included. */
  readonly accepted: number;
  /** Connections that a client has open now. */
  readonly open: number;
  /** Resets every connection, and every new one at once, until `mend`. */
  cut(): void;
  /** Takes what comes on the connections open now and passes nothing on, for as long as they last; none is closed. */
  silence(): void;
  mend(): void;
  /** Where new connections go from now on. */
  redirect(target: number): void;
}

/** Passes connections to a port of 127.0.0.1 on to another one there. */
export async function startNetwork(target: number): Promise<Network> {
  const clients = new Set<Socket>();
  const upstreams = new Map<Socket, Socket>();
  let isCut = false;
  let to = target;
  let accepted = 0;

  const server = createServer((client) => {
    accepted += 1;
    if (isCut) {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect(to, '127.0.0.1');
    clients.add(client);
    upstreams.set(client, upstream);
    client.on('close', () => {
      clients.delete(client);
      upstreams.delete(client);
    });
    connectBoth(client, upstream);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The network has no port');

  function cut(): void {
    isCut = true;
    for (const client of clients) client.resetAndDestroy();
  }

  return {
    port: address.port,
    get accepted() {
      return accepted;
    },
    get open() {
      return clients.size;
    },
    cut,
    silence() {
      for (const [client, upstream] of upstreams) {
        client.unpipe(upstream).resume();
        upstream.unpipe(client).resume();
      }
    },
    mend() {
      isCut = false;
    },
    redirect(port) {
      to = port;
    },
    async [Symbol.asyncDispose]() {
      cut();
      server.close();
      if (server.listening) await once(server, 'close');
    },
  };
}
