import type { Resources, Tags } from '../model.ts';
import { watchEnd } from './cgroup-events.ts';
import { openCgroupSeries } from './cgroup-series.ts';
import type { Host } from './host.ts';
import { openHugetlbSeries } from './hugetlb-series.ts';
import { openIoSeries } from './io-series.ts';
import type { Reading } from './reading.ts';

/** All that is read of one cgroup of a pod: one point of its own, and one for each device and each size of huge pages. */
export interface Cgroup {
  /** Adds its readings. What is not read before the deadline (monotonic milliseconds) is absent. */
  read(deadline: number, readings: Reading[]): void;
  /** A point with what one of the files that are read every cycle says now, and no more; `undefined` where it is not read. */
  readFile(name: string): Reading | undefined;
  /** What the specification asks for. */
  specify(requests: Resources): void;
  close(): void;
}

export interface CgroupOptions {
  readonly level: 'pod' | 'container';
  readonly tags: Tags;
  readonly path: string;
  readonly owner: string;
  /** Takes what is read when all that ran in it has ended: by the next cycle it may be gone. */
  tell(readings: readonly Reading[]): void;
}

const measurementsOf = {
  pod: { own: 'k8s_pod', io: 'k8s_pod_io', hugetlb: 'k8s_pod_hugetlb' },
  container: { own: 'k8s_container', io: 'k8s_container_io', hugetlb: 'k8s_container_hugetlb' },
} as const;

export function openCgroup(host: Host, { level, tags, path, owner, tell }: CgroupOptions): Cgroup {
  const measurements = measurementsOf[level];
  const own = openCgroupSeries(host, { measurement: measurements.own, tags, path, owner });
  const options = { tags, path, owner };
  const io = host.collectors.includes('io') ? openIoSeries(host, { ...options, measurement: measurements.io }) : undefined;
  const hugetlb = host.collectors.includes('hugetlb')
    ? openHugetlbSeries(host, { ...options, measurement: measurements.hugetlb })
    : undefined;
  const end = watchEnd(host, options, () => tell([own.readLast(), ...(io?.read() ?? [])]));
  return {
    read(deadline, readings) {
      readings.push(own.read(deadline));
      if (io !== undefined && host.now() <= deadline) readings.push(...io.read());
      if (hugetlb !== undefined) readings.push(...hugetlb.read());
    },
    readFile: own.readFile,
    specify: own.specify,
    close() {
      end?.close();
      own.close();
      io?.close();
    },
  };
}
