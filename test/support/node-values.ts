/**
 * What the kernel says of a node, of a network namespace and of an interface outside of the cgroups, read in the plainest way:
 * see kernel-values.ts. proc(5), Documentation/accounting/psi.rst, Documentation/networking/nf_conntrack-sysctl.rst.
 */
import type { TableRow } from '../../src/metrics/table.ts';
import { kernelValue } from './kernel-values.ts';
import type { KernelValue } from './kernel-values.ts';

export interface AskedOfNode {
  /** The text of a file below /proc. */
  proc(file: string): string | undefined;
  /** The text of a file of a process that is in the network namespace. */
  process(file: string): string | undefined;
  /** `eth0`, for a row of an interface. */
  readonly interface?: string;
}

type Read = (asked: AskedOfNode) => bigint | number | undefined;

const nanosecondsPerTick = 10_000_000n;
const bytesPerKilobyte = 1024n;

/** Fields by where the node itself has them. */
const nodeFields: Readonly<Record<string, Read>> = {
  cpu_usage_core_nanoseconds: ticks('user', 'nice', 'system', 'irq', 'softirq', 'steal'),
  cpu_user_nanoseconds: ticks('user', 'nice'),
  cpu_system_nanoseconds: ticks('system', 'irq', 'softirq'),
  cpu_idle_nanoseconds: ticks('idle'),
  cpu_iowait_nanoseconds: ticks('iowait'),
  cpu_steal_nanoseconds: ticks('steal'),
  cpu_count: ({ proc }) => BigInt((proc('stat') ?? '').match(/^cpu\d/gm)?.length ?? 0) || undefined,
  context_switches: ({ proc }) => keyed(proc('stat'), 'ctxt'),
  forks: ({ proc }) => keyed(proc('stat'), 'processes'),
  tasks_running: ({ proc }) => keyed(proc('stat'), 'procs_running'),
  tasks_blocked: ({ proc }) => keyed(proc('stat'), 'procs_blocked'),
  boot_at_milliseconds: ({ proc }) => times(keyed(proc('stat'), 'btime'), 1000n),
  load1: ({ proc }) => load(proc('loadavg'), 0),
  load5: ({ proc }) => load(proc('loadavg'), 1),
  load15: ({ proc }) => load(proc('loadavg'), 2),
  tasks: ({ proc }) => count(proc('loadavg')?.split(/[ /]/)[4]),
  memory_total_bytes: kilobytes('MemTotal'),
  memory_free_bytes: kilobytes('MemFree'),
  memory_available_bytes: kilobytes('MemAvailable'),
  memory_rss_bytes: kilobytes('AnonPages'),
  memory_cache_bytes: ({ proc }) => sum(['Cached', 'Buffers', 'SwapCached'].map((name) => kilobytesOf(proc, name))),
  memory_page_faults: ({ proc }) => keyed(proc('vmstat'), 'pgfault'),
  memory_major_page_faults: ({ proc }) => keyed(proc('vmstat'), 'pgmajfault'),
  memory_inactive_file_bytes: kilobytes('Inactive(file)'),
  swap_total_bytes: kilobytes('SwapTotal'),
  swap_usage_bytes: kilobytes('SwapTotal', 'SwapFree'),
  oom_kills_total: ({ proc }) => keyed(proc('vmstat'), 'oom_kill'),
  conntrack_entries: ({ process }) => conntrack(process('net/stat/nf_conntrack'), 'entries')?.[0],
  conntrack_limit: ({ proc }) => count(proc('sys/net/netfilter/nf_conntrack_max')?.trim()),
  conntrack_dropped: ({ process }) => {
    const text = process('net/stat/nf_conntrack');
    return sum(['drop', 'insert_failed', 'early_drop'].flatMap((name) => conntrack(text, name) ?? [undefined]));
  },
};

/** The columns of /proc/net/dev. */
const interfaceColumns: Readonly<Record<string, number>> = {
  rx_bytes: 0,
  rx_packets: 1,
  rx_errors: 2,
  rx_dropped: 3,
  tx_bytes: 8,
  tx_packets: 9,
  tx_errors: 10,
  tx_dropped: 11,
};

/** Whether a row is one that `nodeValue` can tell. */
export function isToldByNode(row: TableRow): boolean {
  return (
    row.field in nodeFields || row.field in interfaceColumns || isOfSockets(row) || row.v2?.includes('.pressure ') === true
  );
}

/** Whether a field is one of the counters of an interface. */
export function isOfInterface(field: string): boolean {
  return field in interfaceColumns;
}

/** Whether a row is one of the sockets of a network namespace. */
export function isOfSockets({ source = '' }: TableRow): boolean {
  return /^\/proc\/<pid>\/net\/(?:snmp|netstat|sockstat) /.test(source);
}

/** The value in the unit of the row; `undefined` where the kernel has none. */
export function nodeValue(row: TableRow, asked: AskedOfNode): KernelValue | undefined {
  const value = valueOf(row, asked);
  // InfluxDB's integers end before the kernel's do.
  return typeof value === 'bigint' && value >= 2n ** 63n ? undefined : value;
}

function valueOf(row: TableRow, asked: AskedOfNode): KernelValue | undefined {
  const column = interfaceColumns[row.field];
  if (asked.interface !== undefined) return column === undefined ? undefined : interfaceValue(asked, column);
  if (isOfSockets(row)) return socketValue(row.source ?? '', asked);
  if (row.v2?.includes('.pressure ') === true) {
    return kernelValue(row, { version: 2, read: (file) => asked.proc(`pressure/${file.replace('.pressure', '')}`) });
  }
  return nodeFields[row.field]?.(asked);
}

/** `/proc/<pid>/net/sockstat TCP.inuse, net/sockstat6 TCP6.inuse`: what there is of them, added up. */
function socketValue(source: string, { process }: AskedOfNode): bigint | undefined {
  const [first, ...others] = source
    .replace('/proc/<pid>/', '')
    .split(', ')
    .map((part) => {
      const [file = '', key = ''] = part.split(' ');
      const [table = '', name = ''] = key.split('.');
      return file.includes('sockstat') ? sockstat(process(file), table, name) : netTable(process(file), table, name);
    });
  return sum([first, ...others.filter((other) => other !== undefined)]);
}

/** A line of names and one of values, both beginning with `Tcp:`. */
function netTable(text: string | undefined, table: string, name: string): bigint | undefined {
  const [names, values] = (text ?? '')
    .split('\n')
    .filter((line) => line.startsWith(`${table}: `))
    .map((line) => line.split(' '));
  return count(values?.[names?.indexOf(name) ?? -1]);
}

/** `TCP: inuse 3 orphan 0`. */
function sockstat(text: string | undefined, table: string, name: string): bigint | undefined {
  const words =
    text
      ?.split('\n')
      .find((line) => line.startsWith(`${table}: `))
      ?.split(' ') ?? [];
  return words.includes(name) ? count(words[words.indexOf(name) + 1]) : undefined;
}

function interfaceValue({ process, interface: name }: AskedOfNode, column: number): bigint | undefined {
  const line = process('net/dev')
    ?.split('\n')
    .find((each) => each.trim().startsWith(`${name}:`));
  return count(
    line
      ?.slice(line.indexOf(':') + 1)
      .trim()
      .split(/\s+/)[column],
  );
}

const cpuColumns = ['cpu', 'user', 'nice', 'system', 'idle', 'iowait', 'irq', 'softirq', 'steal'];

function ticks(...names: readonly string[]): Read {
  return ({ proc }) => {
    const words = proc('stat')?.split('\n')[0]?.split(/\s+/);
    const values = names.map((name) => count(words?.[cpuColumns.indexOf(name)]));
    return times(sum(values), nanosecondsPerTick);
  };
}

/** The first less the others. */
function kilobytes(...names: readonly string[]): Read {
  return ({ proc }) => {
    const [first, ...others] = names.map((name) => kilobytesOf(proc, name));
    const less = sum(others);
    return first === undefined || less === undefined ? undefined : first - less;
  };
}

function kilobytesOf(proc: AskedOfNode['proc'], name: string): bigint | undefined {
  const line = proc('meminfo')
    ?.split('\n')
    .find((each) => each.startsWith(`${name}:`));
  return times(count(line?.split(/\s+/)[1]), bytesPerKilobyte);
}

/** One column of hexadecimal numbers, a row a processor. */
function conntrack(text: string | undefined, name: string): readonly (bigint | undefined)[] | undefined {
  const [head, ...rows] = (text ?? '')
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/));
  const column = head?.indexOf(name) ?? -1;
  return column === -1 ? undefined : rows.map((row) => BigInt(`0x${row[column]}`));
}

function keyed(text: string | undefined, key: string): bigint | undefined {
  return count(
    text
      ?.split('\n')
      .find((line) => line.startsWith(`${key} `))
      ?.split(' ')[1],
  );
}

function load(text: string | undefined, word: number): number | undefined {
  const value = text?.split(' ')[word];
  return value === undefined ? undefined : Number(value);
}

function sum(values: readonly (bigint | undefined)[]): bigint | undefined {
  let whole = 0n;
  for (const value of values) {
    if (value === undefined) return undefined;
    whole += value;
  }
  return whole;
}

function times(value: bigint | undefined, factor: bigint): bigint | undefined {
  return value === undefined ? undefined : value * factor;
}

function count(word: string | undefined): bigint | undefined {
  return word !== undefined && /^\d+$/.test(word) ? BigInt(word) : undefined;
}
