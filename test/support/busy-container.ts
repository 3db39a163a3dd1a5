import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RealCgroup } from './real-cgroup.ts';
import { until } from './until.ts';

/** What a container that uses everything needs of the machine. */
export interface BusyPlace {
  /** Writable, of its own. */
  readonly folder: string;
  /** On a file system that lies in memory. */
  readonly memoryFolder: string;
  /** A file on a disk, or a disk. */
  readonly disk: string;
}

const megabyte = 1024 * 1024;
const memoryLimit = 48 * megabyte;

/**
 * The command of a container that holds memory of each kind, reads and writes, is killed for memory and refused a task, and
 * then takes all the CPU it gets. It begins when `start` says.
 */
export function busyCommand({ folder, memoryFolder, disk }: BusyPlace): readonly string[] {
  const file = join(folder, 'file');
  const script = `
    while [ ! -e ${folder}/start ]; do sleep 0.1; done
    { head -c 12000000 /dev/zero; exec sleep 3600; } | tail -c 12000000 > ${folder}/never &
    head -c 4000000 /dev/zero > ${memoryFolder}/shared
    head -c 8000000 /dev/zero > ${file}
    cat ${file} ${file} > /dev/null
    dd if=/dev/zero of=${disk} bs=4096 count=64 oflag=direct conv=notrunc
    dd if=${disk} of=/dev/null bs=4096 count=64 iflag=direct
    { head -c 200000000 /dev/zero; } | tail -c 200000000 > ${folder}/never2
    (for i in $(seq 40); do sleep 3600 & done)
    touch ${folder}/done
    while :; do :; done`;
  return ['/bin/sh', '-c', script];
}

/** Sets limits, lets the container begin, waits until it has done all, and slows it down. */
export async function makeBusy(cgroup: RealCgroup, version: 1 | 2, { folder }: BusyPlace): Promise<void> {
  cgroup.write('pids.max', '24');
  cgroup.write(version === 2 ? 'memory.max' : 'memory.limit_in_bytes', String(memoryLimit));
  if (version === 1) limitBoth(cgroup, memoryLimit + 16 * megabyte);
  if (version === 2) cgroup.write('memory.high', String(64 * megabyte));
  if (version === 2) cgroup.write('memory.swap.max', String(16 * megabyte));
  else countIo(cgroup, folder);
  writeFileSync(join(folder, 'start'), '');
  await until('the container has used everything', () => existsSync(join(folder, 'done')));
  if (version === 2) cgroup.write('cpu.max', '20000 100000');
  else cgroup.write('cpu.cfs_quota_us', '20000');
}

/** Limits that never bite, such as a pod and a slice have: without them there is nothing to be read of limits. */
export function limitLoosely(cgroup: RealCgroup, version: 1 | 2): void {
  cgroup.write('pids.max', '4096');
  cgroup.write(version === 2 ? 'memory.max' : 'memory.limit_in_bytes', String(1024 * megabyte));
  if (version === 2) {
    cgroup.write('cpu.max', '800000 100000');
    cgroup.write('memory.high', String(1024 * megabyte));
    cgroup.write('memory.swap.max', String(1024 * megabyte));
  } else {
    cgroup.write('cpu.cfs_quota_us', '800000');
    limitBoth(cgroup, 2048 * megabyte);
  }
}

/** Memory and swap together, where this kernel accounts swap. */
function limitBoth(cgroup: RealCgroup, bytes: number): void {
  const file = 'memory.memsw.limit_in_bytes';
  if (cgroup.read(file) !== undefined) cgroup.write(file, String(bytes));
}

/** A new kernel counts the operations of a cgroup v1 only where they have a limit. */
function countIo(cgroup: RealCgroup, folder: string): void {
  const { dev } = statSync(folder);
  // As glibc's gnu_dev_major and gnu_dev_minor have it, for devices that a disk has.
  const device = `${(dev >> 8) & 0xfff}:${(dev & 0xff) | ((dev >> 12) & 0xfff00)}`;
  for (const kind of ['read', 'write']) cgroup.write(`blkio.throttle.${kind}_bps_device`, `${device} ${2 ** 40}`);
}
