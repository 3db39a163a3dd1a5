/** The commands that servers and tests need from the machine, and how to get each. */
import { findCommand, run } from './command.ts';
import { lock } from './lock.ts';

interface Tool {
  /** Debian packages that bring it; absent where Debian has none that is new enough. */
  readonly debian?: readonly string[];
  readonly remedy?: string;
}

const tools = {
  buildah: { debian: ['buildah'] },
  busybox: { debian: ['busybox-static'] },
  chroot: { debian: ['coreutils'] },
  containerd: { debian: ['containerd'] },
  crun: { debian: ['crun'] },
  'dbus-daemon': { debian: ['dbus'] },
  etcd: { debian: ['etcd-server'] },
  gcc: { debian: ['gcc', 'libc6-dev'] },
  git: { debian: ['git'] },
  'host-local': { debian: ['containernetworking-plugins'] },
  ip: { debian: ['iproute2'] },
  'linux.uml': { debian: ['user-mode-linux'], remedy: 'the package user-mode-linux, which exists for x86 only' },
  'mkfs.ext4': { debian: ['e2fsprogs'] },
  modprobe: { debian: ['kmod'] },
  openssl: { debian: ['openssl'] },
  'pkg-config': { debian: ['pkg-config'] },
  runc: { debian: ['runc'] },
  setpriv: { debian: ['util-linux'] },
  'systemd-run': { debian: ['systemd'] },
  taskset: { debian: ['util-linux'] },
  unshare: { debian: ['util-linux'] },
  unzip: { debian: ['unzip'] },
  npm: { remedy: 'npm, which comes with Node' },
  go: { remedy: 'Go 1.26 or newer' },
  cargo: { remedy: 'Rust with cargo, by rustup or from the distribution' },
} as const satisfies Record<string, Tool>;

export type ToolName = keyof typeof tools;

/** A kernel of its own. */
export const umlTools = ['ip', 'linux.uml', 'modprobe', 'setpriv', 'unshare'] as const satisfies ToolName[];

/** A node in one. */
export const nodeTools = [
  'busybox',
  'containerd',
  'crun',
  'dbus-daemon',
  'gcc',
  'host-local',
  'mkfs.ext4',
  'openssl',
  'runc',
  'systemd-run',
  'taskset',
] as const satisfies ToolName[];

/** Images, without an engine. */
export const imageTools = ['buildah', 'chroot', 'git', 'npm', 'setpriv', 'unshare'] as const satisfies ToolName[];

/** What the tests and the servers run, as against what only builds them. */
export const runtimeTools = [...umlTools, ...nodeTools, ...imageTools, 'etcd'] as const satisfies ToolName[];

/** One line for each that is missing: what it is and what to install. */
export function missingTools(names: readonly ToolName[], find = findCommand): string[] {
  return names.filter((name) => find(name) === undefined).map((name) => `${name} is missing: install ${remedyOf(tools[name])}`);
}

/**
 * Makes sure that the commands are there: root on a Debian gets the packages installed, everyone else an error with one line for
 * each that is missing.
 */
export async function requireTools(names: readonly ToolName[]): Promise<void> {
  if (missingPackages(names).length > 0 && process.getuid?.() === 0 && findCommand('apt-get') !== undefined)
    await installPackages(names);
  const missing = missingTools(names);
  if (missing.length > 0) throw new Error(missing.join('\n'));
}

function missingPackages(names: readonly ToolName[]): readonly string[] {
  return [...new Set(names.filter((name) => findCommand(name) === undefined).flatMap((name) => packagesOf(tools[name])))];
}

let packageListsAreFresh = false;

/** One of us after the other; apt-get itself waits for others, such as the machine's own upgrades. */
async function installPackages(names: readonly ToolName[]): Promise<void> {
  await using _lock = await lock('packages');
  const packages = missingPackages(names);
  if (packages.length === 0) return;
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const options = ['--quiet', '--option', 'DPkg::Lock::Timeout=600'];
  if (!packageListsAreFresh) await run('apt-get', [...options, 'update'], { env });
  packageListsAreFresh = true;
  await run('apt-get', [...options, 'install', '--yes', '--no-install-recommends', ...packages], { env });
}

function packagesOf(tool: Tool): readonly string[] {
  return tool.debian ?? [];
}

function remedyOf(tool: Tool): string {
  return tool.remedy ?? `the package ${packagesOf(tool).join(' and ')}`;
}
