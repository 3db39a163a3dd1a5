import { parseDiskstats } from '../host/diskstats.ts';
import { readOnce } from '../locate/process-files.ts';
import type { ProcessHost } from '../locate/process-files.ts';

/** Block devices by name: the kernel's cgroup files have but their numbers, which differ from boot to boot. */
export interface DeviceNames {
  /** `sda` for `8:0`; the numbers themselves where the node has no such device any more. */
  name(numbers: string): string;
}

/** Numbers that are not known are looked for again after this long; names too, because the kernel gives the numbers of one to another. */
const keptMilliseconds = 60_000;

export function createDeviceNames(host: ProcessHost): DeviceNames {
  let known: ReadonlyMap<string, string> = new Map();
  let lookedAt = -Infinity;
  return {
    name(numbers) {
      const now = host.now();
      if (now - lookedAt >= keptMilliseconds) {
        lookedAt = now;
        known = namesOf(host) ?? known;
      }
      return known.get(numbers) ?? numbers;
    },
  };
}

function namesOf(host: ProcessHost): ReadonlyMap<string, string> | undefined {
  const disks = readOnce(host, `${host.procRoot}/diskstats`, '', parseDiskstats);
  return disks && new Map(Array.from(disks, ([numbers, { name }]) => [numbers, name]));
}
