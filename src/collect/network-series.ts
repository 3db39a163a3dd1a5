import { parseNetDev } from '../host/net-dev.ts';
import type { InterfaceCounters } from '../host/net-dev.ts';
import { parseNetIpv6Route } from '../host/net-ipv6-route.ts';
import { parseNetRoute } from '../host/net-route.ts';
import { openProcess } from '../host/process.ts';
import type { Process } from '../host/process.ts';
import { sharesHostNetwork } from '../locate/host-network.ts';
import type { Target } from '../locate/targets.ts';
import { indexesOf } from '../metrics/table.ts';
import type { FieldName } from '../metrics/table.ts';
import { blankOf } from '../metrics/values.ts';
import type { Tags, Values } from '../model.ts';
import type { Host } from './host.ts';
import type { Reading } from './reading.ts';
import { readSockets } from './sockets.ts';

/** The interfaces of one pod's own network namespace. */
export interface NetworkSeries {
  /**
   * A reading for each interface but `lo`; none while the pod has no process, or where its network is the host's. What the
   * sockets of the namespace say goes into the values of the pod.
   */
  read(target: Target, podValues: Values): readonly Reading[];
  close(): void;
}

export interface NetworkOptions {
  /** Of the pod. */
  readonly tags: Tags;
  readonly owner: string;
}

/** How long the default route is believed to be where it was, unless the interfaces changed. */
const routeKeptMilliseconds = 60_000;

/**
 * Interfaces of one pod that become series, counted as long as the pod is there: a pod with CAP_NET_ADMIN can make thousands, and
 * give them other names again and again.
 */
const mostInterfaces = 64;

const valuesOf = valuesOfInterfaces('k8s_pod_network');

interface Route {
  readonly interfaces: string;
  readonly until: number;
  readonly default: string | undefined;
}

export function openNetworkSeries(host: Host, { tags, owner }: NetworkOptions): NetworkSeries {
  let process: Process | undefined;
  let isHosts = false;
  let route: Route | undefined;
  const tagsByName = new Map<string, Tags>();

  /**
   * The process read from before while it lives, else another of the pod. One in the network of the host is looked for anew each
   * time: it may be a runtime's, on its way into the pod.
   */
  function processOf(target: Target): Process | undefined {
    if (process?.alive === true && !isHosts) return process;
    process?.close();
    route = undefined;
    const pid = host.processes.find(target);
    process = pid === undefined ? undefined : openProcess({ ...host, pid, owner });
    isHosts = pid !== undefined && sharesHostNetwork(host.procRoot, pid);
    return process;
  }

  function defaultOf(from: Process, interfaces: readonly InterfaceCounters[]): string | undefined {
    const names = interfaces.map(({ name }) => name).join(' ');
    if (route === undefined || route.interfaces !== names || host.now() >= route.until) {
      route = { interfaces: names, until: host.now() + routeKeptMilliseconds, default: findDefault(from, interfaces) };
    }
    return route.default;
  }

  /** `undefined` for one that would be too many. */
  function tagsOf(name: string): Tags | undefined {
    let known = tagsByName.get(name);
    if (known === undefined && tagsByName.size < mostInterfaces) {
      tagsByName.set(name, (known = { ...tags, interface: name }));
    } else if (known === undefined) {
      const message = `Interface ${JSON.stringify(name)} of a pod and others are left out: it has had ${mostInterfaces} already`;
      host.problems.report({ kind: 'denied', owner, cause: 'too many interfaces', message });
    }
    return known;
  }

  function readFrom(from: Process, podValues: Values, at: number): readonly Reading[] {
    if (host.collectors.includes('sockets')) readSockets(host, from, podValues);
    if (!host.collectors.includes('network')) return [];
    const startedAt = host.now();
    const interfaces = from.read('net/dev', parseNetDev)?.filter(({ name }) => name !== 'lo');
    if (interfaces === undefined || interfaces.length === 0) return [];
    const byDefault = defaultOf(from, interfaces);
    host.meters.network.milliseconds += host.now() - startedAt;
    host.meters.network.reads += 1;
    const readings: Reading[] = [];
    for (const counters of interfaces) {
      const own = tagsOf(counters.name);
      if (own === undefined) continue;
      const series = { measurement: 'k8s_pod_network', tags: own } as const;
      readings.push({ series, values: valuesOf(counters, counters.name === byDefault), at });
    }
    return readings;
  }

  return {
    read(target, podValues) {
      const at = host.now();
      const from = processOf(target);
      if (from === undefined || isHosts) return [];
      return from.together(() => readFrom(from, podValues, at));
    },
    close() {
      process?.close();
      host.processes.forget(owner);
    },
  };
}

/** By the routes; without any, what everybody calls the first interface. */
export function findDefault(from: Process, interfaces: readonly InterfaceCounters[]): string | undefined {
  const routed = from.read('net/route', parseNetRoute) ?? from.read('net/ipv6_route', parseNetIpv6Route);
  if (routed !== undefined) return routed;
  return (interfaces.find(({ name }) => name === 'eth0') ?? interfaces[0])?.name;
}

/** What the kernel counts of one interface, in the order of the rows: by name that would cost as much as reading the file. */
export function valuesOfInterfaces(
  measurement: 'k8s_pod_network' | 'k8s_node_network',
): (counters: InterfaceCounters, isDefault: boolean) => Values {
  const at = indexesOf(measurement);
  const blank = blankOf(measurement);
  const slot = (field: FieldName): number => at[field] ?? blank.length;
  const [rxBytes, rxPackets, rxErrors, rxDropped] = [
    slot('rx_bytes'),
    slot('rx_packets'),
    slot('rx_errors'),
    slot('rx_dropped'),
  ];
  const [txBytes, txPackets, txErrors, txDropped] = [
    slot('tx_bytes'),
    slot('tx_packets'),
    slot('tx_errors'),
    slot('tx_dropped'),
  ];
  const marked = slot('is_default');
  return (counters, isDefault) => {
    const values = blank.slice();
    values[rxBytes] = counters.rxBytes;
    values[rxPackets] = counters.rxPackets;
    values[rxErrors] = counters.rxErrors;
    values[rxDropped] = counters.rxDropped;
    values[txBytes] = counters.txBytes;
    values[txPackets] = counters.txPackets;
    values[txErrors] = counters.txErrors;
    values[txDropped] = counters.txDropped;
    values[marked] = isDefault;
    return values;
  };
}
