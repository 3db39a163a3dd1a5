import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Network namespaces with a veth pair each, as a CNI bridge plugin makes them. All are removed together. Needs root. */
export interface PodNetworks extends Disposable {
  readonly networks: readonly PodNetwork[];
}

export interface PodNetwork {
  /** Name of the namespace, for nsenter. */
  readonly netns: string;
  /** The host's end of the pair; the pod's end is `eth0`. */
  readonly peer: string;
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
  const networks: PodNetwork[] = [];
  const make: string[] = [];
  for (let i = 0; i < count; i += 1) {
    const netns = `${name}-${i}`;
    const peer = `${name}v${i}`;
    const subnet = `10.${network}.${Math.floor(i / 64)}`;
    const host = (i % 64) * 4;
    const podAddress = `${subnet}.${host + 2}`;
    networks.push({ netns, peer, podAddress });
    make.push(`netns add ${netns}`);
    make.push(`link add ${peer} type veth peer name eth0 netns ${netns}`);
    make.push(`addr add ${subnet}.${host + 1}/30 dev ${peer}`, `link set ${peer} up`);
    make.push(`-n ${netns} addr add ${podAddress}/30 dev eth0`, `-n ${netns} link set eth0 up`, `-n ${netns} link set lo up`);
    make.push(`-n ${netns} route add default via ${subnet}.${host + 1}`);
  }
  const remove = (): void => {
    for (const { netns, peer } of networks) {
      quietly('ip', ['link', 'del', peer]);
      quietly('ip', ['netns', 'del', netns]);
    }
  };
  try {
    // IPv6 would send on its own and move the counters that a test compares.
    const first = make.filter((line) => line.startsWith('netns') || line.startsWith('link add'));
    ipBatch(first);
    for (const { netns, peer } of networks) {
      const quiet = 'sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1';
      execFileSync('ip', ['netns', 'exec', netns, 'sh', '-c', quiet], { stdio: 'ignore' });
      execFileSync('sysctl', ['-qw', `net.ipv6.conf.${peer}.disable_ipv6=1`], { stdio: 'ignore' });
    }
    for (const line of make) if (!first.includes(line)) execFileSync('ip', line.split(' '));
  } catch (error) {
    remove();
    throw error;
  }
  return { networks, [Symbol.dispose]: remove };
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

function ipBatch(lines: readonly string[]): void {
  execFileSync('ip', ['-batch', '-'], { input: lines.join('\n') });
}

function quietly(command: string, args: readonly string[]): void {
  try {
    execFileSync(command, args, { stdio: 'ignore' });
  } catch {
    // It was never made, or went with its namespace.
  }
}
