import { netTables } from '../host/net-tables.ts';
import type { Parser } from '../host/parser.ts';
import type { Process } from '../host/process.ts';
import { sockstat } from '../host/sockstat.ts';
import type { Measurement } from '../metrics/measurements.ts';
import { indexesOf } from '../metrics/table.ts';
import type { FieldName } from '../metrics/table.ts';
import type { Count, Values } from '../model.ts';
import type { Host } from './host.ts';

/** A file of a network namespace, and the field that each of its keys goes to. */
interface NamespaceFile {
  /** Whether it holds but the rest of its fields, which is added to what the file before it said. */
  readonly rest: boolean;
  readonly name: string;
  readonly fields: readonly FieldName[];
  readonly parser: Parser<readonly (Count | undefined)[]>;
}

function file(
  name: string,
  make: (keys: readonly string[]) => NamespaceFile['parser'],
  fieldsByKey: Readonly<Record<string, FieldName>>,
): NamespaceFile {
  const rest = name.endsWith('6');
  return { name, rest, fields: Object.values(fieldsByKey), parser: make(Object.keys(fieldsByKey)) };
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

/** Adds what the sockets of a process's network namespace say to the values of its pod, or of the node. */
export function readSockets(host: Host, from: Process, values: Values, measurement: Measurement = 'k8s_pod'): void {
  const startedAt = host.now();
  const slots = indexesOf(measurement);
  for (const { name, rest, fields, parser } of files) {
    const read = from.read(name, parser);
    if (read === undefined) continue;
    for (const [index, field] of fields.entries()) {
      const slot = slots[field];
      const value = read[index];
      if (slot === undefined || value === undefined) continue;
      const before = values[slot];
      if (!rest) values[slot] = value;
      else if (typeof before === 'number' && typeof value === 'number') values[slot] = before + value;
    }
  }
  host.meters.sockets.milliseconds += host.now() - startedAt;
  host.meters.sockets.reads += 1;
}
