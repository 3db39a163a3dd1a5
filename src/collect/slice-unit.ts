import type { Slice } from '../locate/slices.ts';
import { openCgroupSeries } from './cgroup-series.ts';
import { spentOnCgroups } from './meters.ts';
import type { PodUnitOptions } from './pod-unit.ts';
import type { Unit } from './unit.ts';

/** One of the host's own cgroups. */
export function openSliceUnit({ name, path }: Slice, { host, nodeTags, forget }: PodUnitOptions): Unit {
  const series = openCgroupSeries(host, { measurement: 'k8s_system', tags: { ...nodeTags, slice: name }, path, owner: path });
  return {
    owner: path,
    containers: 0,
    read(deadline) {
      const startedAt = host.now();
      const before = spentOnCgroups(host.meters);
      const readings = [series.read(deadline)];
      // What its files took is their collectors' own.
      host.meters.system.milliseconds += host.now() - startedAt - (spentOnCgroups(host.meters) - before);
      host.meters.system.reads += 1;
      return readings;
    },
    close() {
      series.close();
      forget(path);
    },
  };
}
