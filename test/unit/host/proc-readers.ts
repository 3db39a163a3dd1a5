/** The readers of files of `/proc`. */
import { parseCpuTimes } from '../../../src/host/cpu-times.ts';
import { parseDiskstats } from '../../../src/host/diskstats.ts';
import { parseOpenFilesLimit } from '../../../src/host/limits.ts';
import { parseBootId } from '../../../src/host/boot-id.ts';
import { parseLoadavg } from '../../../src/host/loadavg.ts';
import { meminfo } from '../../../src/host/meminfo.ts';
import { parseMountinfo } from '../../../src/host/mountinfo.ts';
import { parseNetDev } from '../../../src/host/net-dev.ts';
import { parseNetIpv6Route } from '../../../src/host/net-ipv6-route.ts';
import { parseNetRoute } from '../../../src/host/net-route.ts';
import { parseNamespacePids } from '../../../src/host/namespace-pids.ts';
import { netTables } from '../../../src/host/net-tables.ts';
import { parseNfConntrack } from '../../../src/host/nf-conntrack.ts';
import { parseProcCgroup } from '../../../src/host/proc-cgroup.ts';
import { parseProcStat } from '../../../src/host/proc-stat.ts';
import { sockstat } from '../../../src/host/sockstat.ts';
import * as proc from './proc-texts.ts';
import * as texts from './texts.ts';
import type { Reader } from './reader.ts';

function* hundredths(text: string): Iterable<number> {
  for (const [number] of text.matchAll(/[0-9]+\.[0-9]{2}(?![0-9])/g)) yield Number(number);
}

function* hex(text: string): Iterable<number> {
  for (const [number] of text.matchAll(/[0-9a-f]+/gi)) yield Number.parseInt(number, 16);
}

const tcpKeys = [
  'Tcp.CurrEstab',
  'Tcp.RetransSegs',
  'Tcp.MaxConn',
  'Udp.InErrors',
  'Udp.RcvbufErrors',
  'Tcp.OutRsts',
  'Sctp.Absent',
];
const tcpExtKeys = ['TcpExt.ListenDrops', 'TcpExt.ListenOverflows', 'TcpExt.TCPTimeouts', 'IpExt.OutOctets', 'TcpExt.Absent'];
const sockstatKeys = ['sockets.used', 'TCP.inuse', 'TCP.orphan', 'TCP.tw', 'TCP.alloc', 'TCP.mem', 'UDP.inuse', 'FRAG.memory'];
const meminfoKeys = ['MemTotal', 'MemAvailable', 'Active(file)', 'SwapFree', 'HugePages_Free', 'Hugepagesize', 'Absent'];
const listed = 'is reported';
const kib = { factors: [1n, 1024n] };
const ticks = { factors: [1n, 10_000_000n] };
const sectors = { factors: [1n, 512n] };
const conntrackSums = ['insertFailed', 'drop', 'earlyDrop'];

export const procReaders: readonly Reader[] = [
  { reader: 'parseProcStat', file: 'stat', parser: parseProcStat, text: texts.procStat, garbage: 'costs all', counters: 1 },
  {
    reader: 'parseOpenFilesLimit',
    file: 'limits',
    parser: parseOpenFilesLimit,
    text: texts.limits,
    garbage: 'is passed over',
    counters: 2,
  },
  {
    reader: 'parseNamespacePids',
    file: 'status',
    parser: parseNamespacePids,
    text: texts.processStatus,
    garbage: 'is passed over',
    counters: 0,
  },
  { reader: 'parseNetDev', file: 'net/dev', parser: parseNetDev, text: texts.netDev, garbage: listed, header: 2, counters: 16 },
  {
    reader: 'parseNetRoute',
    file: 'net/route',
    parser: parseNetRoute,
    text: texts.netRoute,
    garbage: listed,
    header: 1,
    counters: 0,
    picksLine: true,
  },
  {
    reader: 'parseNetIpv6Route',
    file: 'net/ipv6_route',
    parser: parseNetIpv6Route,
    text: texts.netIpv6Route,
    garbage: listed,
    counters: 0,
    picksLine: true,
  },
  { reader: 'parseProcCgroup', file: 'cgroup', parser: parseProcCgroup, text: texts.procCgroup, garbage: listed, counters: 0 },
  { reader: 'parseMountinfo', file: 'mountinfo', parser: parseMountinfo, text: texts.mountinfo, garbage: listed, counters: 0 },
  {
    reader: 'parseDiskstats',
    file: 'diskstats',
    parser: parseDiskstats,
    text: proc.diskstats,
    garbage: listed,
    counters: 42,
    ...sectors,
  },
  { reader: 'netTables', file: 'net/snmp', parser: netTables(tcpKeys), text: proc.snmp, garbage: listed, counters: 5 },
  { reader: 'netTables', file: 'net/netstat', parser: netTables(tcpExtKeys), text: proc.netstat, garbage: listed, counters: 4 },
  {
    reader: 'sockstat',
    file: 'net/sockstat',
    parser: sockstat(sockstatKeys),
    text: proc.sockstatText,
    garbage: listed,
    counters: 8,
  },
  {
    reader: 'sockstat',
    file: 'net/sockstat6',
    parser: sockstat(['TCP6.inuse', 'RAW6.inuse']),
    text: proc.sockstat6Text,
    garbage: listed,
    counters: 2,
  },
  {
    reader: 'parseNfConntrack',
    file: 'net/stat/nf_conntrack',
    parser: parseNfConntrack,
    text: proc.nfConntrack,
    garbage: listed,
    header: 1,
    counters: 0,
    picksLine: true,
    numbers: hex,
    sums: conntrackSums,
  },
  {
    reader: 'parseCpuTimes',
    file: 'stat',
    parser: parseCpuTimes,
    text: proc.stat,
    garbage: listed,
    counters: 13,
    sums: ['cpus'],
    ...ticks,
  },
  {
    reader: 'meminfo',
    file: 'meminfo',
    parser: meminfo(meminfoKeys),
    text: proc.meminfoText,
    garbage: listed,
    counters: 6,
    ...kib,
  },
  {
    reader: 'parseLoadavg',
    file: 'loadavg',
    parser: parseLoadavg,
    text: proc.loadavg,
    garbage: 'costs all',
    counters: 2,
    numbers: hundredths,
  },
  {
    reader: 'parseBootId',
    file: 'sys/kernel/random/boot_id',
    parser: parseBootId,
    text: proc.bootId,
    garbage: 'costs all',
    counters: 0,
  },
];
