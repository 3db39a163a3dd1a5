import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/** Network namespaces with a veth pair each, as a CNI bridge plugin makes them. All are removed together. Needs root. */
export interface PodNetworks extends Disposable {
  readonly networks: readonly PodNetwork[];
}

export interface PodNetwork {
  /** Name of the namespace, for nsenter. */
  readonly netns: string;
  /** The host's end of the pair; the pod's end is `eth0`. */
  readonly peer: string;
  readonly peerAddress: string;
  readonly podAddress: string;
}

export interface InterfaceCounters {
  readonly rxBytes: bigint;
  readonly rxPackets: bigint;
  readonly txBytes: bigint;
  readonly txPackets: bigint;
}

/** `name` (at most 6 letters) begins the names of all that is made; `network` is the second byte of 10.x.0.0/16. */
export function podNetworks({ name, count, network = 213 }: { name: string; count: number; network?: number }): PodNetworks {
  const networks = Array.from({ length: count }, (_, i): PodNetwork => {
    const subnet = `10.${network}.${Math.floor(i / 64)}`;
    const at = (i % 64) * 4;
    const addresses = { peerAddress: `${subnet}.${at + 1}`, podAddress: `${subnet}.${at + 2}` };
    return { netns: `${name}-${i}`, peer: `${name}v${i}`, ...addresses };
  });
  const remove = (): void => {
    for (const { netns, peer } of networks) {
      quietly('ip', ['link', 'del', peer]);
      quietly('ip', ['netns', 'del', netns]);
    }
  };
  // A run of the same test that was killed leaves them behind.
  if (networks.some(({ netns }) => existsSync(`/run/netns/${netns}`))) remove();
  try {
    make(networks);
  } catch (error) {
    remove();
    throw error;
  }
  return { networks, [Symbol.dispose]: remove };
}

/** Few processes for many networks: where system calls are slow, starting one takes a tenth of a second. */
function make(networks: readonly PodNetwork[]): void {
  ipBatch(
    networks.flatMap(({ netns, peer }) => [`netns add ${netns}`, `link add ${peer} type veth peer name eth0 netns ${netns}`]),
  );
  // IPv6, where the kernel has it, would send on its own and move the counters that a test compares.
  if (existsSync('/proc/sys/net/ipv6')) for (const each of networks) disableIpv6(each);
  ipBatch(networks.flatMap(({ peer, peerAddress }) => [`addr add ${peerAddress}/30 dev ${peer}`, `link set ${peer} up`]));
  for (const { netns, peerAddress, podAddress } of networks) {
    const addresses = [`addr add ${podAddress}/30 dev eth0`, 'link set eth0 up', 'link set lo up'];
    ipBatch([...addresses, `route add default via ${peerAddress}`], ['-n', netns]);
  }
}

function disableIpv6({ netns, peer }: PodNetwork): void {
  const names = ['all', 'default'].map((name) => `net.ipv6.conf.${name}.disable_ipv6=1`);
  execFileSync('ip', ['netns', 'exec', netns, 'sysctl', '-qw', ...names], { stdio: 'ignore' });
  execFileSync('sysctl', ['-qw', `net.ipv6.conf.${peer}.disable_ipv6=1`], { stdio: 'ignore' });
}

/** What the host's end of a pair counted: its `tx` is the pod's `rx`. */
export function peerCounters(peer: string): InterfaceCounters {
  const line = readFileSync('/proc/net/dev', 'utf8')
    .split('\n')
    .find((candidate) => candidate.trim().startsWith(`${peer}:`));
  if (line === undefined) throw new Error(`No interface ${peer}`);
  const [rxBytes, rxPackets, , , , , , , txBytes, txPackets] = line
    .slice(line.indexOf(':') + 1)
    .trim()
    .split(/\s+/)
    .map(BigInt);
  if (rxBytes === undefined || rxPackets === undefined || txBytes === undefined || txPackets === undefined) {
    throw new Error(`Not a line of /proc/net/dev: ${line}`);
  }
  return { rxBytes, rxPackets, txBytes, txPackets };
}

function ipBatch(lines: readonly string[], where: readonly string[] = []): void {
  execFileSync('ip', [...where, '-batch', '-'], { input: lines.join('\n') });
}

function quietly(command: string, args: readonly string[]): void {
  try {
    execFileSync(command, args, { stdio: 'ignore' });
  } catch {
    // It was never made, or went with its namespace.
  }
}
