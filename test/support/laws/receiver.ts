import { once } from 'node:events';
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { cutLines, parseLine, type Point } from '../../unit/write/parse-line.ts';

export interface Receiver extends AsyncDisposable {
  readonly port: number;
  /** What went wrong in taking points; the agent was answered with an error. */
  readonly errors: readonly string[];
}

/**
 * Plays an InfluxDB that keeps nothing: each point is taken and forgotten, so that an hour of them needs no room. `clock` is that of the
 * agent's machine, in milliseconds; it is asked when points are here, and before the next ones are let come.
 */
export async function startReceiver(
  take: (point: Point, arrivedBefore: number) => void,
  clock: () => Promise<number>,
): Promise<Receiver> {
  const errors: string[] = [];

  async function takeBody(body: Buffer): Promise<void> {
    const arrivedBefore = await clock();
    for (const line of cutLines(gunzipSync(body).toString())) take(parseLine(line), arrivedBefore);
  }

  const server = createServer(async (request, response) => {
    try {
      await takeBody(await buffer(request));
      response.writeHead(204).end();
    } catch (error) {
      errors.push(String(error));
      response.writeHead(500).end();
    }
  });
  server.keepAliveTimeout = 0;
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port');
  return {
    port: address.port,
    errors,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
