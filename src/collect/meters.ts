import type { CollectorName } from '../metrics/collectors.ts';

/** What one collector did since the start. */
export interface Meter {
  milliseconds: number;
  reads: number;
}

/** File systems are collected at a pace of their own, by whom the configuration says. */
export type Meters = Readonly<Record<CollectorName | 'filesystems', Meter>>;

export function createMeters(): Meters {
  const meter = (): Meter => ({ milliseconds: 0, reads: 0 });
  return {
    cpu: meter(),
    memory: meter(),
    pressure: meter(),
    pids: meter(),
    io: meter(),
    hugetlb: meter(),
    network: meter(),
    sockets: meter(),
    system: meter(),
    node: meter(),
    state: meter(),
    filesystems: meter(),
  };
}

/** Milliseconds that went into the files of cgroups so far, whoever's they are. */
export function spentOnCgroups({ cpu, memory, pressure, pids }: Meters): number {
  return cpu.milliseconds + memory.milliseconds + pressure.milliseconds + pids.milliseconds;
}
