import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { gunzipSync } from 'node:zlib';

/** One request as it arrived, its body inflated. */
interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Which connection it came on, from 1. */
  readonly connection: number;
}

export type Reply = (response: ServerResponse, received: Received) => void;

export interface ScriptedInflux extends AsyncDisposable {
  readonly url: URL;
  readonly received: readonly Received[];
  /** Connections open now. */
  readonly open: ReadonlySet<Socket>;
  /** Resolves when that many requests have arrived in all. */
  arrived(requests: number): Promise<void>;
  /** Resolves when no connection is open. */
  closed(): Promise<void>;
}

/** Plays InfluxDB on 127.0.0.1: answers each request with the next reply of the script, and all after it with `last`. */
export async function startScriptedInflux(script: readonly Reply[] = [], last: Reply = reply(204)): Promise<ScriptedInflux> {
  const received: Received[] = [];
  const open = new Set<Socket>();
  const connections = new WeakMap<Socket, number>();
  const waiting = new Set<() => void>();
  const changed = (): void => {
    for (const check of waiting) check();
  };
  let connected = 0;

  const server = createServer((request, response) => {
    readBody(request, (body) => {
      const { method = '', url: path = '', headers } = request;
      const one = { method, path, headers, body, connection: connections.get(request.socket) ?? 0 };
      const answer = script[received.length] ?? last;
      received.push(one);
      changed();
      answer(response, one);
    });
  });
  server.keepAliveTimeout = 0;
  server.on('connection', (socket: Socket) => {
    connected += 1;
    connections.set(socket, connected);
    open.add(socket);
    socket.on('close', () => {
      open.delete(socket);
      changed();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  async function until(condition: () => boolean): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const check = (): void => {
      if (condition()) resolve();
    };
    waiting.add(check);
    check();
    await promise;
    waiting.delete(check);
  }

  return {
    url: new URL(`http://127.0.0.1:${portOf(server.address())}`),
    received,
    open,
    arrived: (requests) => until(() => received.length >= requests),
    closed: () => until(() => open.size === 0),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      if (server.listening) await once(server, 'close');
    },
  };
}

export function reply(status: number, body = '', headers: Readonly<Record<string, string>> = {}): Reply {
  return (response) => void response.writeHead(status, headers).end(body);
}

/** As InfluxDB 2 words its errors. */
export function influxError(
  status: number,
  code: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  return reply(status, JSON.stringify({ code, message }), { 'Content-Type': 'application/json', ...headers });
}

/** Takes the request and says nothing, for ever. */
export function silence(): void {}

/** Tears the connection down with RST. */
export function reset(response: ServerResponse): void {
  response.socket?.resetAndDestroy();
}

function readBody(request: IncomingMessage, done: (body: string) => void): void {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  // A client that goes away is what some tests are about.
  request.on('error', () => {});
  request.on('end', () => {
    const bytes = Buffer.concat(chunks);
    done((request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString());
  });
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('The server has no port');
  return address.port;
}
