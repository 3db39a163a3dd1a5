import { statSync } from 'node:fs';

/**
 * Whether a process is in the network namespace of the host, which only matters where no API object says so. The kernel
 * numbers `net/dev` of each namespace on its own, and shows the number without a privilege, which `ns/net` needs. False also
 * where that cannot be seen.
 */
export function sharesHostNetwork(procRoot: string, pid: number): boolean {
  try {
    return statSync(`${procRoot}/${pid}/net/dev`).ino === statSync(`${procRoot}/1/net/dev`).ino;
  } catch {
    // The process ended, or the host's first one is hidden: then its network is taken for its own.
    return false;
  }
}
