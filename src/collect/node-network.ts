import { readlinkSync } from 'node:fs';
import { parseNetDev } from '../host/net-dev.ts';
import { parseNfConntrack } from '../host/nf-conntrack.ts';
import { openProcess } from '../host/process.ts';
import type { Process } from '../host/process.ts';
import { parseProcStat } from '../host/proc-stat.ts';
import { parseSingleValue } from '../host/single-value.ts';
import { readOnce } from '../locate/process-files.ts';
import { indexesOf } from '../metrics/table.ts';
import type { Tags, Values } from '../model.ts';
import type { Host } from './host.ts';
import { findDefault, valuesOfInterfaces } from './network-series.ts';
import type { NodeTags } from './pod-tags.ts';
import type { Reading } from './reading.ts';
import { readSockets } from './sockets.ts';

/** The network namespace of the node itself. */
export interface NodeNetwork {
  /** A reading for each interface of its own; sockets and tracked connections go into the values of the node. */
  read(nodeValues: Values): readonly Reading[];
  close(): void;
}

export interface NodeNetworkOptions {
  readonly nodeTags: NodeTags;
  readonly owner: string;
}

const valuesOf = valuesOfInterfaces('k8s_node_network');

/**
 * The node's end of a pod's pair, by the names that container networks give it: a new name for each pod would be a new series,
 * and the pod's own end is counted already.
 */
const namesOfPods: readonly RegExp[] = [
  /^(veth|cali|lxc|eni|gke|azv|cilium_|tunl|kube-ipvs|nodelocaldns|dummy|tap|vnet|nerdctl|docker|br-[0-9a-f]{12}$)/,
  // OVN-Kubernetes and Kube-OVN: by the id of the sandbox.
  /^([0-9a-f]{15}$|[0-9a-f]{6,}_)/,
  // Antrea: by the name of the pod, cut, and a hash.
  /^.{1,8}-[0-9a-f]{6}$/,
];

export function openNodeNetwork(host: Host, { nodeTags, owner }: NodeNetworkOptions): NodeNetwork {
  const wanted = host.collectors.some((name) => name === 'network' || name === 'sockets');
  const init = wanted && seesInit(host) ? openProcess({ ...host, pid: 1, owner }) : undefined;
  const tagsByName = new Map<string, Tags>();
  const slots = indexesOf('k8s_node');

  function tagsOf(name: string): Tags {
    let known = tagsByName.get(name);
    if (known === undefined) tagsByName.set(name, (known = { ...nodeTags, interface: name }));
    return known;
  }

  function readConntrack(from: Process, values: Values): void {
    const tracked = from.read('net/stat/nf_conntrack', parseNfConntrack);
    if (tracked === undefined) return;
    const { entries, drop, insertFailed, earlyDrop } = tracked;
    const known = drop !== undefined && insertFailed !== undefined && earlyDrop !== undefined;
    const limit = readOnce(host, `${host.procRoot}/sys/net/netfilter/nf_conntrack_max`, owner, parseSingleValue);
    for (const [slot, value] of [
      [slots.conntrack_entries, entries],
      [slots.conntrack_dropped, known ? drop + insertFailed + earlyDrop : undefined],
      [slots.conntrack_limit, limit],
    ] as const) {
      if (slot !== undefined) values[slot] = value;
    }
  }

  return {
    read(nodeValues) {
      if (init === undefined) return [];
      if (host.collectors.includes('sockets')) {
        readSockets(host, init, nodeValues, 'k8s_node');
        readConntrack(init, nodeValues);
      }
      if (!host.collectors.includes('network')) return [];
      const startedAt = host.now();
      const interfaces = (init.read('net/dev', parseNetDev) ?? []).filter(({ name }) => isNodes(name));
      for (const name of tagsByName.keys()) if (!interfaces.some((each) => each.name === name)) tagsByName.delete(name);
      const byDefault = findDefault(init, interfaces);
      host.meters.network.milliseconds += host.now() - startedAt;
      host.meters.network.reads += 1;
      return interfaces.map((counters) => ({
        series: { measurement: 'k8s_node_network', tags: tagsOf(counters.name) },
        values: valuesOf(counters, counters.name === byDefault),
        at: startedAt,
      }));
    },
    close() {
      init?.close();
    },
  };
}

function isNodes(name: string): boolean {
  return name !== 'lo' && !namesOfPods.some((pattern) => pattern.test(name));
}

/** Whether process 1 is the node's. In a container that sees but itself it is the container's own first process, or `pause`. */
function seesInit(host: Host): boolean {
  if (readOnce(host, `${host.procRoot}/1/stat`, '', parseProcStat)?.comm === 'pause') return false;
  try {
    return readlinkSync(`${host.procRoot}/self`) !== '1';
  } catch {
    // A copy of a host has no `self`.
    return true;
  }
}
