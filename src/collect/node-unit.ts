import { indexesOf } from '../metrics/table.ts';
import type { Fields, Values } from '../model.ts';
import { openCgroupSeries } from './cgroup-series.ts';
import type { Host } from './host.ts';
import { readNodeFiles } from './node-files.ts';
import { openNodeNetwork } from './node-network.ts';
import type { NodeTags } from './pod-tags.ts';
import type { Reading } from './reading.ts';
import type { Unit } from './unit.ts';

export interface NodeUnitOptions {
  readonly host: Host;
  readonly nodeTags: NodeTags;
  /** What the API server says of the node and of the requests of its pods. */
  state(): Fields;
}

/** The node as a whole: its root cgroup, what the kernel tells of it elsewhere, and its own network. */
export function openNodeUnit({ host, nodeTags, state }: NodeUnitOptions): Unit {
  const owner = 'node';
  const root = openCgroupSeries(host, { measurement: 'k8s_node', tags: nodeTags, path: '/', key: owner, owner });
  const network = openNodeNetwork(host, { nodeTags, owner });
  const indexes = indexesOf('k8s_node');
  const slots = new Map(Object.entries(indexes));
  /**
   * What the root cgroup has told once, exact where other files count in steps. It stays the only source of it: while it cannot be
   * read the field is absent, for a counter that changes its source may fall.
   */
  const ofRoot = new Set<number>();

  function readRoot(deadline: number): Reading {
    const reading = root.read(deadline);
    for (const [slot, value] of reading.values.entries()) if (value !== undefined) ofRoot.add(slot);
    return reading;
  }

  function fill(values: Values, fields: Fields): void {
    for (const [field, value] of Object.entries(fields)) {
      const slot = slots.get(field);
      if (slot !== undefined && !ofRoot.has(slot)) values[slot] ??= value;
    }
  }

  return {
    owner,
    containers: 0,
    read(deadline) {
      const reading = readRoot(deadline);
      const startedAt = host.now();
      fill(reading.values, readNodeFiles(host, owner));
      fill(reading.values, state());
      host.meters.node.milliseconds += host.now() - startedAt;
      host.meters.node.reads += 1;
      const isRoots = ofRoot.has(indexes.cpu_usage_core_nanoseconds ?? -1);
      // The moment of a rate is that of the file which its counter is from.
      const timed = isRoots ? reading : { ...reading, readAt: startedAt, inode: undefined };
      return [timed, ...network.read(reading.values)];
    },
    close() {
      root.close();
      network.close();
    },
  };
}
