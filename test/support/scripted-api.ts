/** A real HTTP or HTTPS server that plays the API server: what it answers is scripted, request by request. */
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';

export interface ApiRequest {
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly authorization: string | undefined;
  /** Counts connections from 1: the same number is the same connection. */
  readonly connection: number;
}

/** Answers one request; the next step waits for what it returns. */
export type Step = (response: http.ServerResponse, request: ApiRequest) => unknown;

export interface ScriptedApi extends AsyncDisposable {
  readonly url: string;
  readonly requests: readonly ApiRequest[];
  /** Adds steps: each answers one request. A request without a step waits for one. */
  script(...steps: readonly Step[]): void;
  /** The nth request (from 1), once it is there. */
  request(nth: number): Promise<ApiRequest>;
  /** Closes every connection without a word. */
  cut(): void;
  /** Presents another certificate to new connections. */
  rotate(certificate: Certificate): void;
}

export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** Starts a server on a free port of 127.0.0.1: with a certificate by HTTPS, else by HTTP. */
export async function scriptedApi(certificate?: Certificate): Promise<ScriptedApi> {
  const requests: ApiRequest[] = [];
  const steps: Step[] = [];
  const held: http.ServerResponse[] = [];
  const waiting = new Map<number, PromiseWithResolvers<ApiRequest>>();
  const sockets = new Map<Socket, number>();
  const secure = certificate === undefined ? undefined : https.createServer({ ...certificate });
  const server = secure ?? http.createServer();
  let connections = 0;

  function arrival(nth: number): PromiseWithResolvers<ApiRequest> {
    let promise = waiting.get(nth);
    if (promise === undefined) waiting.set(nth, (promise = Promise.withResolvers()));
    return promise;
  }

  async function play(): Promise<void> {
    while (held.length > 0 && steps.length > 0) {
      const response = held.shift();
      const step = steps.shift();
      const request = requests[requests.length - held.length - 1];
      if (response !== undefined && step !== undefined && request !== undefined) await step(response, request);
    }
  }

  server.on(secure === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
    connections += 1;
    sockets.set(socket, connections);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('request', (message: http.IncomingMessage, response: http.ServerResponse) => {
    const url = new URL(message.url ?? '', 'http://api');
    const query = Object.fromEntries(url.searchParams);
    const { authorization } = message.headers;
    requests.push({ path: url.pathname, query, authorization, connection: sockets.get(message.socket) ?? 0 });
    held.push(response);
    const request = requests.at(-1);
    if (request !== undefined) arrival(requests.length).resolve(request);
    void play();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');

  return {
    url: `${secure === undefined ? 'http' : 'https'}://127.0.0.1:${portOf(server.address())}`,
    requests,
    script(...added) {
      steps.push(...added);
      void play();
    },
    request(nth) {
      return arrival(nth).promise;
    },
    cut() {
      server.closeAllConnections();
    },
    rotate(next) {
      secure?.setSecureContext({ ...next });
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

function portOf(address: AddressInfo | string | null): number {
  if (typeof address !== 'object' || address === null) throw new Error('The server has no port');
  return address.port;
}

/** A list of pods at a resource version. */
export function podList(version: string, ...pods: readonly object[]): Step {
  return body(JSON.stringify({ kind: 'PodList', apiVersion: 'v1', metadata: { resourceVersion: version }, items: pods }));
}

export function body(text: string): Step {
  return (response) => {
    response.setHeader('content-type', 'application/json').end(text);
  };
}

/** A refusal with the API server's own kind of body. */
export function refusal(code: number, message: string, headers: Readonly<Record<string, string>> = {}): Step {
  return (response) => {
    response.writeHead(code, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', message, code }));
  };
}

/** A watch that sends these, each an event or the text of a line, and ends as a watch does that had its time. */
export function watchThatEnds(...events: readonly (object | string)[]): Step {
  return (response) => {
    response.end(events.map(line).join(''));
  };
}

/** A watch that sends these and stays open. */
export function watchThatStays(...events: readonly (object | string)[]): Step {
  return (response) => {
    response.writeHead(200).flushHeaders();
    response.write(events.map(line).join(''));
  };
}

/** A watch whose connection is cut after these. */
export function watchThatIsCut(...events: readonly (object | string)[]): Step {
  return (response) => {
    response.writeHead(200).flushHeaders();
    response.write(events.map(line).join(''), () => response.destroy());
  };
}

/** Takes the request and never answers. */
export function silence(): Step {
  return () => {
    // Nothing is the answer.
  };
}

function line(event: object | string): string {
  return typeof event === 'string' ? event : `${JSON.stringify(event)}\n`;
}
