/**
 * A small HTTP/1.1 server for whoever reaches the port: it reads a request's head and nothing after it, answers each connection once,
 * and gives no client more than a bounded share of memory and time.
 */
import { once } from 'node:events';
import http from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { ListenAddress } from '../config/kinds.ts';

export interface Question {
  /** Without the query. */
  readonly path: string;
  readonly accept: string | undefined;
}

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

export interface ServerOptions {
  readonly address: ListenAddress;
  answer(question: Question): Answer;
  /** Takes what `answer` threw, which it never should: the client gets a 500. */
  fault(error: unknown): void;
}

export interface Server {
  readonly address: AddressInfo;
  /** Closes every connection. Resolves at once, whatever the clients do. */
  close(): Promise<void>;
}

/** From connecting to the last byte of the answer, in milliseconds: a kubelet's probe takes less than one of them. */
const connectionMilliseconds = 5000;
/** More than can wait to be accepted, so that a crowd that says nothing does not push out a probe that has just come. */
const mostConnections = 256;
const mostWaiting = 128;
const mostHeaderBytes = 8192;

/** Rejects when the address cannot be listened on. Neither the server nor a connection keeps the process alive. */
export async function startServer({ address, answer, fault }: ServerOptions): Promise<Server> {
  const server = http.createServer({ maxHeaderSize: mostHeaderBytes });
  // What a client sends beyond its first request is not looked at.
  server.maxRequestsPerSocket = 1;
  const open = new Set<Socket>();

  server.on('connection', (socket: Socket) => {
    socket.unref();
    const deadline = setTimeout(() => socket.destroy(), connectionMilliseconds).unref();
    socket.on('close', () => {
      clearTimeout(deadline);
      open.delete(socket);
    });
    open.add(socket);
    const [oldest] = open;
    if (open.size <= mostConnections || oldest === undefined) return;
    open.delete(oldest);
    oldest.destroy();
  });

  function respond(request: IncomingMessage, response: ServerResponse): void {
    const { status, type, body } = safely(request);
    response.writeHead(status, {
      'Content-Type': type,
      'Content-Length': Buffer.byteLength(body),
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
      Connection: 'close',
      ...(status === 405 && { Allow: 'GET, HEAD' }),
    });
    response.end(body);
  }

  function safely({ method = '', url = '', headers }: IncomingMessage): Answer {
    const type = 'text/plain; charset=utf-8';
    if (method !== 'GET' && method !== 'HEAD') return { status: 405, type, body: 'only GET and HEAD\n' };
    try {
      return answer({ path: url.replace(/\?.*/s, ''), accept: headers.accept });
    } catch (error) {
      fault(error);
      return { status: 500, type, body: 'internal error\n' };
    }
  }

  server.on('request', respond);
  // Whoever asks before sending a body is told the answer instead.
  server.on('checkContinue', respond);
  server.listen({ ...address, backlog: mostWaiting });
  server.unref();
  await once(server, 'listening');
  server.on('error', fault);

  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('The server has no port');
  return {
    address: bound,
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}
