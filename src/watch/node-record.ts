import { isIP } from 'node:net';
import type { NodeRecord, NodeResources } from '../model.ts';
import { condition } from './conditions.ts';
import { field, integer, list, text } from './json.ts';
import { nameLimit } from './names.ts';
import { amountsOf, resourcesOf, whole } from './resources.ts';

/** More addresses of one type than any node has. */
const mostAddresses = 8;

/** Copies what the rest of the way needs out of a node of the API server; `undefined` where the object is no node. */
export function nodeRecord(object: unknown): NodeRecord | undefined {
  if (field(object, 'kind') !== 'Node') return undefined;
  const status = field(object, 'status');
  const info = field(status, 'nodeInfo');
  const addresses = list(field(status, 'addresses'));
  return {
    capacity: resourcesOfNode(field(status, 'capacity')),
    allocatable: resourcesOfNode(field(status, 'allocatable')),
    internalIps: ipsOf(addresses, 'InternalIP'),
    externalIps: ipsOf(addresses, 'ExternalIP'),
    hostname: text(addressesOf(addresses, 'Hostname')[0], nameLimit),
    kubeletPort: portOf(field(field(field(status, 'daemonEndpoints'), 'kubeletEndpoint'), 'Port')),
    kernelVersion: text(field(info, 'kernelVersion'), nameLimit),
    osImage: text(field(info, 'osImage'), nameLimit),
    containerRuntimeVersion: text(field(info, 'containerRuntimeVersion'), nameLimit),
    kubeletVersion: text(field(info, 'kubeletVersion'), nameLimit),
    ready: condition(status, 'Ready'),
    memoryPressure: condition(status, 'MemoryPressure'),
    diskPressure: condition(status, 'DiskPressure'),
    pidPressure: condition(status, 'PIDPressure'),
    unschedulable: field(field(object, 'spec'), 'unschedulable') === true,
  };
}

function resourcesOfNode(resources: unknown): NodeResources {
  const amounts = amountsOf(resources);
  return { ...resourcesOf(amounts), pods: whole(amounts.get('pods')) };
}

/** Connections are made to these: what is not an address in itself, and would have to be looked up, is left out. */
function ipsOf(addresses: readonly unknown[], type: string): readonly string[] {
  const ips: string[] = [];
  for (const address of addressesOf(addresses, type)) {
    if (typeof address === 'string' && address.length <= nameLimit && isIP(address) !== 0) ips.push(address);
  }
  return ips.slice(0, mostAddresses);
}

function addressesOf(addresses: readonly unknown[], type: string): readonly unknown[] {
  return addresses.filter((each) => field(each, 'type') === type).map((each) => field(each, 'address'));
}

function portOf(value: unknown): number | undefined {
  const port = integer(value);
  return port !== undefined && port > 0 && port < 65_536 ? port : undefined;
}
