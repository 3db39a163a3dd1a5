import type { Descriptors } from '../host/descriptors.ts';
import type { Hierarchy } from '../locate/hierarchy.ts';
import type { ProcessFinder } from '../locate/process.ts';
import type { CollectorName } from '../metrics/collectors.ts';
import type { Measurement } from '../metrics/measurements.ts';
import type { Problems } from '../problems.ts';
import { createAncestorLimits } from './ancestor-limits.ts';
import type { AncestorLimits } from './ancestor-limits.ts';
import { planCgroup } from './cgroup-plan.ts';
import type { CgroupPlan } from './cgroup-plan.ts';
import { createDeviceNames } from './device-names.ts';
import type { DeviceNames } from './device-names.ts';
import type { EventWatches } from './event-watches.ts';
import { createMeters } from './meters.ts';
import type { Meters } from './meters.ts';
import { createOomKills } from './oom-kills.ts';
import type { OomKills } from './oom-kills.ts';
import type { Reading } from './reading.ts';

/** What there is to read with. */
export interface HostParts {
  readonly hierarchy: Hierarchy;
  readonly procRoot: string;
  readonly descriptors: Descriptors;
  readonly problems: Problems;
  readonly processes: ProcessFinder;
  readonly collectors: readonly CollectorName[];
  /** Unix time in milliseconds at which podgauge started, by the clock as it is now. */
  startedAt(): number;
  /** Whether there is a pod of this UID. */
  exists(uid: string): boolean;
  /** Absent where the kernel tells of nothing by itself (cgroup v1), and where one collection is all. */
  readonly between?: BetweenCycles | undefined;
  /** Monotonic milliseconds. */
  now(): number;
}

/** What is not left to the next cycle, because it may be gone by then. */
export interface BetweenCycles {
  readonly events: EventWatches;
  /** Takes what was just read: it is written under the time of its own. */
  tell(readings: readonly Reading[]): void;
}

/** What reading on the host needs, the same for all series. */
export interface Host extends HostParts {
  readonly meters: Meters;
  readonly ancestorLimits: AncestorLimits;
  readonly devices: DeviceNames;
  readonly oomKills: OomKills;
  plan(measurement: Measurement): CgroupPlan;
}

export function createHost(parts: HostParts): Host {
  const plans = new Map<Measurement, CgroupPlan>();
  return {
    ...parts,
    meters: createMeters(),
    ancestorLimits: createAncestorLimits(parts),
    devices: createDeviceNames(parts),
    oomKills: createOomKills({
      inCgroups: parts.hierarchy.version === 2 && parts.collectors.includes('memory'),
      startedAt: parts.startedAt,
      exists: parts.exists,
    }),
    plan(measurement) {
      let plan = plans.get(measurement);
      if (plan === undefined) {
        const { version, kind } = parts.hierarchy;
        plan = planCgroup({ measurement, version, collectors: parts.collectors, isHybrid: kind === 'hybrid' });
        plans.set(measurement, plan);
      }
      return plan;
    },
  };
}
