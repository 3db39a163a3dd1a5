import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { freePort } from '../servers/service.ts';

/**
 * What happens to a write. `pass`: InfluxDB answers. `unavailable`: 503 with a Retry-After of 1 s. `reset`: the connection is
 * reset when the head and a first piece of the body have come. `lose`: InfluxDB takes it and its answer never arrives.
 */
export type Behaviour = 'pass' | 'unavailable' | 'reset' | 'lose';

export interface InfluxProxy extends AsyncDisposable {
  readonly url: string;
  /** Every line of every whole body that came, whatever became of it: each line once. */
  readonly journal: ReadonlySet<string>;
  /** Of all whole bodies that came, as they came. */
  readonly bytes: number;
  /** How many writes met each behaviour. */
  readonly met: Readonly<Record<Behaviour, number>>;
  /** Writes that are not answered yet. */
  readonly underWay: number;
  behave(behaviour: Behaviour): void;
  /** What is under way is answered, so that both ends agree on it. Then nobody listens on its port and no connection is left. */
  close(): Promise<void>;
  /** The same port listens again. */
  open(): Promise<void>;
}

/** Stands between the agent and an InfluxDB and writes down, apart from both, every point that leaves the agent. */
export async function startInfluxProxy(target: string): Promise<InfluxProxy> {
  const port = await freePort();
  const journal = new Set<string>();
  const met = { pass: 0, unavailable: 0, reset: 0, lose: 0 };
  let behaviour: Behaviour = 'pass';
  let bytes = 0;
  let underWay = 0;
  let settled = (): void => {};

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const now = behaviour;
    met[now] += 1;
    if (now === 'reset') {
      await once(request, 'data');
      request.socket.resetAndDestroy();
      return;
    }
    const body = Buffer.concat(await request.toArray());
    bytes += body.length;
    for (const line of gunzipSync(body).toString().split('\n')) if (line !== '') journal.add(line);
    if (now === 'unavailable') {
      response.writeHead(503, { 'retry-after': '1' }).end('{"code":"unavailable","message":"of the test"}');
      return;
    }
    const { statusCode = 0, headers, text } = await forward(request, response, body);
    if (now === 'lose') request.socket.resetAndDestroy();
    else response.writeHead(statusCode, headers).end(text);
  }

  /** Ends with the agent's own connection, as a network does. */
  async function forward(request: IncomingMessage, response: ServerResponse, body: Buffer) {
    const { method, url = '', headers } = request;
    const stop = new AbortController();
    response.once('close', () => stop.abort());
    const onward = httpRequest(new URL(url, target), { method, headers, agent: false, signal: stop.signal });
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    onward.on('response', resolve).on('error', reject).end(body);
    const answered = await promise;
    const { connection: _connection, ...kept } = answered.headers;
    return { statusCode: answered.statusCode, headers: kept, text: Buffer.concat(await answered.toArray()) };
  }

  const server = createServer((request, response) => {
    underWay += 1;
    response.once('close', () => {
      underWay -= 1;
      if (underWay === 0) settled();
    });
    // A server that cannot be reached is passed on as what it is: a connection that breaks.
    answer(request, response).catch(() => request.socket.resetAndDestroy());
  });

  async function open(): Promise<void> {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  }

  async function close(): Promise<void> {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    const { promise, resolve } = Promise.withResolvers<void>();
    settled = resolve;
    if (underWay > 0) await promise;
    server.closeAllConnections();
    await closed;
  }

  await open();
  return {
    url: `http://127.0.0.1:${port}`,
    journal,
    met,
    get bytes() {
      return bytes;
    },
    get underWay() {
      return underWay;
    },
    behave(next) {
      behaviour = next;
    },
    close,
    open,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await close();
    },
  };
}
