/**
 * A machine for a Kubernetes node: a User Mode Linux kernel with a root of its own that looks like this host's, a disk, and a
 * network in which it is 10.0.2.2 and the host is not to be seen but for the ports that it is given. All that it writes is on its disk.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { chmod, copyFile, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { lastLines, run } from '../command.ts';
import { forward } from '../forward.ts';
import { nodeTools, requireTools, umlTools } from '../tools.ts';
import { oneSegment } from '../uml-network.ts';
import { openChannel, type Channel, type Job, type JobResult, type RunningJob } from './channel.ts';

export interface WorkerOptions {
  /** The host's, and the worker's /run/podgauge: for all of its users to read. */
  readonly folder: string;
  /** Addresses in the worker's network, and the ports of this machine's 127.0.0.1 that answer there. */
  readonly forwards: readonly { readonly at: string; readonly port: number }[];
  readonly init: 'none' | 'systemd';
  /** Of the whole kernel; only what is touched is taken from the host. */
  readonly memory: string;
}

export interface Worker extends AsyncDisposable {
  start(job: Job): Promise<RunningJob>;
  run(program: string, ...args: readonly string[]): Promise<JobResult>;
  /** Its own Unix time at some moment between the call and the answer (milliseconds). */
  clock(): Promise<number>;
  console(): string;
  /**
   * Has it write to its disk what it has not yet, takes its power away, and boots it again. All that ran in it is gone, and what
   * waited for one of its jobs is told that the worker is off. `meanwhile` is done while it has no power.
   */
  reboot(meanwhile?: () => Promise<void>): Promise<void>;
}

/** A Unix socket in a worker's folder that takes HTTP's CONNECT into its network. */
export function proxyOf(folder: string): string {
  return join(folder, 'proxy.socket');
}

export const gateway = '10.0.2.1';
export const workerAddress = '10.0.2.2';
const channelAddress = `${gateway}:9611`;

export async function bootWorker(options: WorkerOptions): Promise<Worker> {
  if (process.getuid?.() !== 0) throw new Error('only root can run User Mode Linux here: run the tests as root');
  await requireTools([...umlTools, ...nodeTools]);
  await using parts = new AsyncDisposableStack();
  const { folder } = options;
  const file = (name: string) => join(folder, name);
  await prepare(folder);
  const addresses = [channelAddress, file('channel.socket')];
  for (const { at, port } of options.forwards) {
    const socket = file(`${port}.socket`);
    parts.use(await forward(socket, `127.0.0.1:${port}`));
    addresses.push(at, socket);
  }
  let machine = await boot(options, addresses);
  parts.defer(() => machine[Symbol.asyncDispose]());
  const runToEnd = async (program: string, ...args: readonly string[]) =>
    (await machine.channel.start({ program, args })).ended();
  const owned = parts.move();
  return {
    start: (job) => machine.channel.start(job),
    clock: () => machine.channel.clock(),
    run: runToEnd,
    console: () => machine.console(),
    async reboot(meanwhile) {
      await runToEnd('sync');
      await machine[Symbol.asyncDispose]();
      await meanwhile?.();
      machine = await boot(options, addresses);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

interface Machine extends AsyncDisposable {
  readonly channel: Channel;
  console(): string;
}

/** Resolves when it can be told what to do. */
async function boot(options: WorkerOptions, addresses: readonly string[]): Promise<Machine> {
  await using parts = new AsyncDisposableStack();
  const { folder } = options;
  const channel = parts.use(await openChannel(join(folder, 'channel.socket'), folder));
  const kernel = parts.use(startKernel([...networkOf(folder, addresses), kernelOf(folder, options)]));
  await Promise.race([channel.connected(), kernel.ended]);
  const owned = parts.move();
  return { channel, console: kernel.console, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

async function prepare(folder: string): Promise<void> {
  // Agents that are not root find their files here.
  await chmod(folder, 0o755);
  for (const name of ['init', 'channel']) {
    await copyFile(join(import.meta.dirname, `worker-${name}.sh`), join(folder, name));
    await chmod(join(folder, name), 0o755);
  }
  await symlink(process.execPath, join(folder, 'node'));
  // Where modprobe looks for the release of the kernel that it runs in.
  await mkdir(join(folder, 'lib'));
  await symlink('/usr/lib/uml/modules', join(folder, 'lib/modules'));
  await run('mkfs.ext4', ['-q', '-O', '^has_journal', join(folder, 'disk'), '4G']);
}

/** Shell commands that make the worker's network and start what connects it to this machine. */
function networkOf(folder: string, addresses: readonly string[]): string[] {
  const pipe = join(folder, 'gateway');
  const program = [process.execPath, join(import.meta.dirname, 'gateway.ts'), proxyOf(folder), ...addresses];
  const local = new Set(addresses.flatMap((address) => /^(?<ip>[\d.]+):/.exec(address)?.groups?.['ip'] ?? []));
  return [
    'ip link set lo up',
    'ip tuntap add tap0 mode tap',
    ...Array.from(local.add(gateway), (ip) => `ip address add ${ip}/${ip === gateway ? 24 : 32} dev tap0`),
    ...['ip link set tap0 up', oneSegment],
    `ip route add 10.88.0.0/16 via ${workerAddress}`,
    // Those of a worker before a reboot are of no use.
    `rm -f ${pipe} ${proxyOf(folder)}`,
    `mkfifo ${pipe}`,
    `{ ${program.join(' ')} >${pipe} & }`,
    `read -r _ <${pipe}`,
  ];
}

function kernelOf(folder: string, { memory, init }: WorkerOptions): string {
  return [
    ...['exec', 'linux.uml', `mem=${memory}`, 'root=/dev/root', 'rootfstype=hostfs', 'rootflags=/', 'ro'],
    ...[`init=${join(folder, 'init')}`, `podgauge_run=${folder}`, `podgauge_init=${init}`],
    ...[`ubda=${join(folder, 'disk')}`, 'vec0:transport=tap,ifname=tap0,depth=128'],
    ...['panic=-1', 'con=null', 'con0=null,fd:1', `uml_dir=${folder}/`],
  ].join(' ');
}

interface Kernel extends AsyncDisposable {
  /** Rejects with the end of its console when it is off. */
  readonly ended: Promise<never>;
  console(): string;
}

function startKernel(script: readonly string[]): Kernel {
  // Namespaces of its own: when their first process is killed, so are the many that one such kernel consists of, and its network.
  const alone = ['--pdeathsig', 'KILL', 'unshare', '--net', '--pid', '--fork', '--kill-child'];
  // While it waits for a processor its clock goes on, and those who run in it lose the quotas they did not use meanwhile.
  const first = ['nice', '-n', '-15'];
  // It has one processor only: on one of the host's, whose caches and run queue it keeps, its system calls take two thirds of the time.
  const onOne = ['taskset', '--cpu-list', lastProcessor()];
  const child = spawn('setpriv', [...alone, ...onOne, ...first, 'sh', '-c', script.join(' &&\n')], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
  const exit = once(child, 'close');
  const console = () => lastLines(output, 40);
  const ended = exit.then(() => {
    throw new Error(`the worker is off; its console:\n${console()}`);
  });
  // Who does not wait for its end need not know of it.
  ended.catch(() => undefined);
  return {
    ended,
    console,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exit;
    },
  };
}

/** Of those that this process may use. */
function lastProcessor(): string {
  const [list] = /(?<=^Cpus_allowed_list:.*)\d+$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  if (list === undefined) throw new Error('/proc/self/status names no processors');
  return list;
}
