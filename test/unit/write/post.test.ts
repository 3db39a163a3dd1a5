import { once } from 'node:events';
import http from 'node:http';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { post } from '../../../src/write/post.ts';

const answer = 'HTTP/1.1 204 No Content\r\nConnection: keep-alive\r\n\r\n';

/** Posts to a server that answers as soon as a connection is there, and reads the request or does not. */
async function postTo(reads: boolean, body: Buffer) {
  const server = createServer((socket) => {
    if (reads) socket.on('data', () => socket.write(answer));
    else socket.pause().write(answer);
    socket.on('error', () => undefined);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port');
  const agent = new http.Agent({ keepAlive: true });
  const signal = new AbortController().signal;
  const url = new URL(`http://127.0.0.1:${address.port}/`);
  const exchanged = await post(url, body, { agent, headers: {}, timeoutMs: 10_000, signal });
  agent.destroy();
  server.close();
  return exchanged;
}

test('a request that the kernel has taken whole is sent; one of which it has not when the answer comes is not', async () => {
  expect(await postTo(true, Buffer.from('a'))).toMatchObject({ kind: 'answer', answer: { status: 204, sent: true } });
  const body = Buffer.alloc(64 * 1024 * 1024);
  expect(await postTo(false, body)).toMatchObject({ kind: 'answer', answer: { status: 204, sent: false } });
});
