/**
 * Runs a program under a Linux kernel of its own, as root, on cgroup v2: User Mode Linux, a kernel that is a process. It has the
 * controllers cpu, io, memory and pids, but neither pressure stall information nor cpuset. System calls are slow in it (a
 * run that only starts Node takes 4 s).
 * https://docs.kernel.org/virt/uml/user_mode_linux_howto_v2.html
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, copyFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { lastLines } from './command.ts';
import { createScratchFolder } from './service.ts';
import { requireTools, umlTools } from './tools.ts';
import { openUmlNetwork } from './uml-network.ts';

export interface UmlProgram {
  /** Absolute. The host's files are all there, read-only; /run is empty and writable. */
  readonly program: string;
  readonly args?: readonly string[];
  /** Beside PATH, HOME and TMPDIR, the whole environment: nothing comes from the host's. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Host folders in which it may write: what it wrote is there afterwards. */
  readonly writable?: readonly string[];
  /** Of the kernel, beside those built in: `veth`, for instance. */
  readonly modules?: readonly string[];
  /** Ports of the host's 127.0.0.1 that are on the one inside too. */
  readonly hostPorts?: readonly number[];
  /** Of the whole kernel; only what is touched is taken from the host. */
  readonly memory?: string;
  readonly timeoutMs: number;
}

export interface UmlResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The program's end, whatever its code. An error quotes the kernel's console where the kernel did not boot or time ran out. */
export async function runInUml(program: UmlProgram): Promise<UmlResult> {
  // For anyone else the host's set-uid mount(8) inside is not root's, and may not mount.
  if (process.getuid?.() !== 0) throw new Error('only root can run User Mode Linux here: run the tests as root');
  await requireTools(umlTools);
  await using folder = await createScratchFolder('uml');
  using network = await openUmlNetwork(folder.path, program.hostPorts ?? []);
  await writeRunFolder(folder.path, program, network.inside);
  const root = ['root=/dev/root', 'rootfstype=hostfs', 'rootflags=/', 'ro', `init=${join(folder.path, 'init')}`];
  const consoles = ['con=null', 'con0=null,fd:1'];
  const folders = [`uml_dir=${folder.path}/`, `podgauge_run=${folder.path}`];
  const kernel = ['exec', 'linux.uml', `mem=${program.memory ?? '1G'}`, ...root, ...consoles, ...folders, ...network.devices];
  const console = await boot(inTurn([...network.around, kernel.join(' ')]), program.timeoutMs);
  try {
    const file = (name: string) => readFile(join(folder.path, name), 'utf8');
    return { code: Number(await file('code')), stdout: await file('stdout'), stderr: await file('stderr') };
  } catch (error) {
    const limit = `within ${program.timeoutMs} ms`;
    throw new Error(`${program.program} did not end in User Mode Linux ${limit}; its console:\n${console}`, { cause: error });
  }
}

/** What uml-init.sh finds. */
async function writeRunFolder(folder: string, program: UmlProgram, network: readonly string[]): Promise<void> {
  const file = (name: string) => join(folder, name);
  const { writable = [], modules = [] } = program;
  await copyFile(join(import.meta.dirname, 'uml-init.sh'), file('init'));
  await chmod(file('init'), 0o755);
  await writeFile(file('shares'), [folder, ...writable].map((path) => `${path}\n`).join(''));
  // Where modprobe looks for the release of the kernel that it runs in.
  await mkdir(file('lib'));
  await symlink('/usr/lib/uml/modules', file('lib/modules'));
  const load = modules.map((module) => `modprobe --dirname ${folder} ${module}`);
  await writeFile(file('program.sh'), inTurn([...load, ...network, ...commandsOf(program)]));
}

/** Resolves with the end of the console's text when the kernel is off, by itself or because time ran out. */
async function boot(script: string, timeoutMs: number): Promise<string> {
  // Namespaces of its own: when their first process is killed, so are the many that one such kernel consists of, and its network.
  const alone = ['--pdeathsig', 'KILL', 'unshare', '--net', '--pid', '--fork', '--kill-child'];
  // While it waits for a processor its clock goes on, and those who run in it lose the quotas they did not use meanwhile.
  const first = ['nice', '-n', '-15'];
  const kernel = spawn('setpriv', [...alone, ...first, 'sh', '-c', script], { stdio: ['ignore', 'pipe', 'pipe'] });
  await once(kernel, 'spawn');
  const timer = setTimeout(() => kernel.kill('SIGKILL'), timeoutMs);
  const [output, errors] = await Promise.all([text(kernel.stdout), text(kernel.stderr)]);
  clearTimeout(timer);
  return lastLines(output + errors, 30);
}

function inTurn(commands: readonly string[]): string {
  return `${commands.join(' &&\n')}\n`;
}

function commandsOf({ program, args = [], env = {}, cwd = '/' }: UmlProgram): string[] {
  const variables = {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: '/run',
    TMPDIR: '/run',
    ...env,
  };
  const assignments = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  return [`cd ${quote(cwd)}`, `exec env -i ${[...assignments, program, ...args].map(quote).join(' ')}`];
}

function quote(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
