/** HTTP as a client without manners speaks it: bytes on a connection. */
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';

/** An open connection on which nothing was said yet; errors count as its end. */
export async function dial(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => socket.destroy());
  await new Promise((resolve) => socket.once('connect', resolve).once('close', resolve));
  return socket;
}

/** All that comes back until the server closes. */
export async function exchange(port: number, text: string): Promise<string> {
  const socket = await dial(port);
  let received = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => (received += chunk));
  socket.write(text);
  if (!socket.destroyed) await once(socket, 'close');
  return received;
}
