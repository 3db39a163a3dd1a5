/** Takes what agents post as an InfluxDB would, and keeps the heartbeats of podgauge. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';

export interface Heartbeat {
  readonly [field: string]: number;
}

export interface Sink extends AsyncDisposable {
  readonly url: string;
  readonly heartbeats: readonly Heartbeat[];
}

export async function startSink(): Promise<Sink> {
  const heartbeats: Heartbeat[] = [];
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await buffer(request);
    const text = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString();
    for (const line of text.split('\n')) if (line.startsWith('podgauge,')) heartbeats.push(fieldsOf(line));
    response.writeHead(204).end();
  };
  const server = createServer((request, response) => void take(request, response));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The sink has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    heartbeats,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await once(server.close(), 'close');
    },
  };
}

function fieldsOf(line: string): Heartbeat {
  const [, fields = ''] = line.split(' ');
  return Object.fromEntries(
    fields.split(',').map((field) => {
      const [name = '', value = ''] = field.split('=');
      return [name, Number.parseInt(value, 10)];
    }),
  );
}
