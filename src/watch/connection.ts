import http from 'node:http';
import https from 'node:https';
import { TLSSocket } from 'node:tls';
import { isDeepStrictEqual } from 'node:util';
import type { ClusterAccess, TlsOptions } from './credentials.ts';

/** Limits of one request, in milliseconds. */
export interface RequestLimits {
  /** From the start to the head of the answer: credentials, connect, TLS and the server's own queue. */
  readonly answer: number;
  /** The longest silence after that. */
  readonly idle: number;
  /** From the start to the end of the body. */
  readonly total: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** GET requests to the API server, one after the other, on one connection for as long as that lasts. */
export interface Connection {
  /**
   * Hands the answer to `use` and lets go of it when that is done. Rejects when the request fails, when it goes over a limit, with
   * what `use` throws, and with the reason of `signal`.
   */
  request<T>(path: string, limits: RequestLimits, signal: AbortSignal, use: (answer: Answer) => Promise<T>): Promise<T>;
  close(): void;
}

/** HTTP/1.1 on purpose: a request is over when its connection is. `onHeard` is called with each piece that comes from the server. */
export function createConnection(access: ClusterAccess, onHeard: () => void): Connection {
  const secure = access.url.protocol === 'https:';
  const prefix = access.url.pathname.replace(/\/+$/, '');
  let tls: TlsOptions = {};
  let agent = createAgent();

  function createAgent(): http.Agent {
    const keepAlive = { keepAlive: true, keepAliveMsecs: 30_000, maxFreeSockets: 1 };
    return secure ? new https.Agent({ ...tls, ...keepAlive }) : new http.Agent(keepAlive);
  }

  async function send(path: string, signal: AbortSignal): Promise<http.IncomingMessage> {
    signal.throwIfAborted();
    const credentials = await unlessAborted(access.credentials(), signal);
    if (!isDeepStrictEqual(tls, credentials.tls)) {
      agent.destroy();
      tls = credentials.tls;
      agent = createAgent();
    }
    const headers = { accept: 'application/json', 'user-agent': 'podgauge', ...credentials.headers };
    const { hostname, port } = access.url;
    // The URL keeps the brackets of an IPv6 address, which is no host name to Node with them.
    const options = { host: hostname.replace(/^\[|\]$/g, ''), port, path: prefix + path, headers, agent, signal };
    return new Promise((resolve, reject) => {
      const request = (secure ? https : http).request(options, resolve);
      // Stays on after the answer: an error then comes out of reading the body, and here too.
      request.on('error', (error) => {
        // The authority may have been rotated.
        if (isUntrusted(request.socket)) access.refresh();
        reject(error);
      });
      request.end();
    });
  }

  /** A token may have been rotated a moment ago: what was refused is read again, once. */
  async function sendAuthorized(path: string, signal: AbortSignal): Promise<http.IncomingMessage> {
    const response = await send(path, signal);
    if (response.statusCode !== 401) return response;
    response.destroy();
    access.refresh();
    return send(path, signal);
  }

  return {
    async request(path, limits, signal, use) {
      signal.throwIfAborted();
      const stop = new AbortController();
      const giveUp = (reason: string) => stop.abort(new Error(reason));
      const onAbort = () => stop.abort(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      const total = setTimeout(giveUp, limits.total, `not over after ${limits.total / 1000} s`);
      const answer = setTimeout(giveUp, limits.answer, `no answer for ${limits.answer / 1000} s`);
      let idle: NodeJS.Timeout | undefined;
      let response: http.IncomingMessage | undefined;
      try {
        response = await sendAuthorized(path, stop.signal);
        clearTimeout(answer);
        onHeard();
        idle = setTimeout(giveUp, limits.idle, `silent for ${limits.idle / 1000} s`);
        const chunks = heard(response, idle, onHeard);
        return await use({ status: response.statusCode ?? 0, headers: response.headers, chunks });
      } catch (error) {
        throw stop.signal.aborted ? stop.signal.reason : error;
      } finally {
        for (const timer of [total, answer, idle]) clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
        // One read to its end goes back to the agent; any other takes its connection with it.
        if (response?.complete !== true) response?.destroy();
      }
    },
    close() {
      agent.destroy();
    },
  };
}

/** Whether the certificate of the other end was not accepted. */
function isUntrusted(socket: unknown): boolean {
  return socket instanceof TLSSocket && !socket.authorized && Boolean(socket.authorizationError);
}

async function* heard(
  response: http.IncomingMessage,
  idle: NodeJS.Timeout,
  onHeard: () => void,
): AsyncGenerator<Uint8Array, void> {
  for await (const chunk of response) {
    onHeard();
    idle.refresh();
    yield chunk;
  }
}

/** Credentials may come from a program that hangs: the wait for them ends with the request. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    promise.then(resolve, reject);
  });
}
