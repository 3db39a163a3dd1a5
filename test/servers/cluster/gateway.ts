/**
 * `node test/servers/cluster/gateway.ts <proxy> <from> <to> …` runs in the worker's network, where the host's own is out of reach: it
 * passes connections out, as forward.ts does, and takes connections in by HTTP's CONNECT at the Unix socket `proxy`. It prints a line
 * when it listens.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { connectBoth, forward } from '../forward.ts';

const [proxy, ...addresses] = process.argv.slice(2);
for (let i = 0; i + 1 < addresses.length; i += 2) await forward(addresses[i] ?? '', addresses[i + 1] ?? '');

const server = createServer().on('connect', ({ url = '' }, client, head) => {
  const [host = '', port] = url.split(':');
  const upstream = connect({ host, port: Number(port) });
  upstream.once('connect', () => {
    client.write('HTTP/1.1 200 Connection established\r\n\r\n');
    upstream.write(head);
  });
  connectBoth(client, upstream);
});
await once(server.listen(proxy), 'listening');
process.stdout.write('listening\n');
