import { createSocket } from 'node:dgram';

/** Of 200 bytes each, to a port that nobody listens at. */
export async function sendDatagrams(address: string, count: number): Promise<void> {
  const socket = createSocket('udp4');
  // Nobody listens there: the refusal that comes back is traffic too.
  socket.on('error', () => undefined);
  for (let i = 0; i < count; i += 1) {
    const { promise, resolve } = Promise.withResolvers<void>();
    socket.send(Buffer.alloc(200), 9, address, () => resolve());
    await promise;
  }
  socket.close();
}
