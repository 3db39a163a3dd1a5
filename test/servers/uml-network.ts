/**
 * Ports of this machine's 127.0.0.1 inside User Mode Linux, under the same numbers, so that URLs and certificates need no change.
 * A connection goes from 127.0.0.1 inside to a tap device in a network namespace that is the kernel's alone, there to a Unix
 * socket, and from that one to 127.0.0.1 outside. The host's own network is never touched, and all ends with the kernel.
 */
import { join } from 'node:path';
import { forward } from './forward.ts';

export interface UmlNetwork extends Disposable {
  /** Arguments of the kernel. */
  readonly devices: readonly string[];
  /** Shell commands that prepare the network namespace in which the kernel starts. */
  readonly around: readonly string[];
  /** Shell commands that prepare the network inside. */
  readonly inside: readonly string[];
}

/**
 * The kernel inside loses packets of several segments that the host would have it cut, says nothing of it, and leaves it to TCP to send
 * them again: connections came to stand still for minutes.
 */
export const oneSegment = 'ip link set tap0 gso_max_segs 1';

const outer = '10.0.2.1';
const inner = '10.0.2.2';

/** `folder` takes the sockets. Without a port there is no network at all. */
export async function openUmlNetwork(folder: string, ports: readonly number[]): Promise<UmlNetwork> {
  if (ports.length === 0) return { devices: [], around: [], inside: [], [Symbol.dispose]: () => undefined };
  using sockets = new DisposableStack();
  const socket = (port: number) => join(folder, String(port));
  for (const port of ports) sockets.use(await forward(socket(port), `127.0.0.1:${port}`));
  const owned = sockets.move();
  return {
    devices: ['vec0:transport=tap,ifname=tap0'],
    around: [
      'ip tuntap add tap0 mode tap',
      `ip address add ${outer}/24 dev tap0`,
      'ip link set tap0 up',
      oneSegment,
      ...forwarding(
        join(folder, 'forwarding'),
        ports.map((port) => [`${outer}:${port}`, socket(port)]),
      ),
    ],
    inside: [
      `ip address add ${inner}/24 dev vec0`,
      'ip link set vec0 up',
      ...forwarding(
        '/dev/forwarding',
        ports.map((port) => [`127.0.0.1:${port}`, `${outer}:${port}`]),
      ),
    ],
    [Symbol.dispose]: () => owned.dispose(),
  };
}

/** Done when it listens: `pipe`, which these commands make, tells. */
function forwarding(pipe: string, pairs: readonly (readonly [from: string, to: string])[]): string[] {
  const program = [process.execPath, join(import.meta.dirname, 'forward.ts'), ...pairs.flat()];
  return [`mkfifo ${pipe}`, `{ ${program.join(' ')} >${pipe} & }`, `read -r _ <${pipe}`];
}
