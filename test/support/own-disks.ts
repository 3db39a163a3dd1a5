/**
 * Disks for a kernel of the test's own, which has none: they lie in memory, and what is set here is set for all of it. Needs the
 * modules `brd` and `zram`.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';

const devices = '/run/dev';
const hotAdd = '/sys/class/zram-control/hot_add';

/** Whether this is User Mode Linux, which is nobody else's. */
export function isOwnKernel(): boolean {
  return readFileSync('/proc/cpuinfo', 'utf8').includes('User Mode Linux');
}

/** A disk to be read and written as such. */
export function makeDisk(): string {
  return `${devicesFolder()}/ram0`;
}

/** Swap, compressed before it gets there, until it is disposed of. */
export function makeSwap(): Disposable {
  writeFileSync('/sys/module/zswap/parameters/enabled', 'Y');
  const device = makeCompressed('64M');
  execFileSync('mkswap', [device], { stdio: 'ignore' });
  execFileSync('swapon', [device]);
  return { [Symbol.dispose]: () => void execFileSync('swapoff', [device]) };
}

/** A file system on a disk, mounted on a new folder: page cache is not the same in one that lies in memory. */
export function makeFileSystem(folder: string): void {
  const device = makeCompressed('256M');
  mkdirSync(folder);
  execFileSync('mkfs.ext4', ['-q', device], { stdio: 'ignore' });
  execFileSync('mount', [device, folder]);
}

function makeCompressed(size: string): string {
  const number = readFileSync(hotAdd, 'utf8').trim();
  writeFileSync(`/sys/block/zram${number}/disksize`, size);
  return `${devicesFolder()}/zram${number}`;
}

function devicesFolder(): string {
  if (!existsSync(devices)) {
    mkdirSync(devices);
    execFileSync('mount', ['-t', 'devtmpfs', 'devtmpfs', devices]);
  }
  return devices;
}
