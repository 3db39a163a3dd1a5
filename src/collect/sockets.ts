import { netTables } from '../host/net-tables.ts';
import type { Parser } from '../host/parser.ts';
import type { Process } from '../host/process.ts';
import { sockstat } from '../host/sockstat.ts';
import { indexesOf } from '../metrics/table.ts';
import type { FieldName } from '../metrics/table.ts';
import type { Count, Values } from '../model.ts';
import type { Host } from './host.ts';

/** Whose sockets they are. */
type Owner = 'k8s_pod' | 'k8s_node';

/** A file of a network namespace, and the field that each of its keys goes to. */
interface NamespaceFile {
  /** Whether it holds but the rest of its fields, which is added to what the file before it said. */
  readonly rest: boolean;
  readonly name: string;
  readonly fields: readonly FieldName[];
  /** Where its values stand in a reading; `undefined` for one that is not written there. */
  readonly slots: Readonly<Record<Owner, readonly (number | undefined)[]>>;
  readonly parser: Parser<readonly (Count | undefined)[]>;
}

function file(
  name: string,
  make: (keys: readonly string[]) => NamespaceFile['parser'],
  fieldsByKey: Readonly<Record<string, FieldName>>,
): NamespaceFile {
  const rest = name.endsWith('6');
  const fields = Object.values(fieldsByKey);
  const slotsIn = (owner: Owner): readonly (number | undefined)[] => fields.map((field) => indexesOf(owner)[field]);
  const slots = { k8s_pod: slotsIn('k8s_pod'), k8s_node: slotsIn('k8s_node') };
  return { name, rest, fields, slots, parser: make(Object.keys(fieldsByKey)) };
}

const files: readonly NamespaceFile[] = [
  file('net/snmp', netTables, {
    'Tcp.CurrEstab': 'tcp_established',
    'Tcp.OutSegs': 'tcp_segments_out',
    'Tcp.RetransSegs': 'tcp_retransmits',
    'Tcp.OutRsts': 'tcp_resets_sent',
    'Tcp.EstabResets': 'tcp_resets_received',
    'Tcp.AttemptFails': 'tcp_connects_failed',
    'Udp.InErrors': 'udp_receive_errors',
    'Udp.RcvbufErrors': 'udp_receive_buffer_errors',
  }),
  file('net/netstat', netTables, {
    'TcpExt.ListenOverflows': 'tcp_listen_overflows',
    'TcpExt.ListenDrops': 'tcp_listen_drops',
  }),
  file('net/sockstat', sockstat, {
    'sockets.used': 'sockets',
    'TCP.inuse': 'tcp_sockets',
    'TCP.tw': 'tcp_time_wait_sockets',
    'UDP.inuse': 'udp_sockets',
  }),
  file('net/sockstat6', sockstat, { 'TCP6.inuse': 'tcp_sockets', 'UDP6.inuse': 'udp_sockets' }),
];

/** What of a pod's values is of its network. */
export const socketFields: readonly FieldName[] = files.flatMap(({ fields }) => fields);

/** Adds what the sockets of a process's network namespace say to the values of its pod, or of the node. */
export function readSockets(host: Host, from: Process, values: Values, measurement: Owner = 'k8s_pod'): void {
  const startedAt = host.now();
  for (const { name, rest, slots, parser } of files) {
    const read = from.read(name, parser);
    if (read === undefined) continue;
    const own = slots[measurement];
    for (let i = 0; i < own.length; i += 1) {
      const slot = own[i];
      const value = read[i];
      if (slot === undefined || value === undefined) continue;
      const before = values[slot];
      if (!rest) values[slot] = value;
      else if (typeof before === 'number' && typeof value === 'number') values[slot] = before + value;
    }
  }
  host.meters.sockets.milliseconds += host.now() - startedAt;
  host.meters.sockets.reads += 1;
}
