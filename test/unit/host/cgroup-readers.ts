/** The readers of files of cgroups. */
import { parseBlkio } from '../../../src/host/blkio.ts';
import { parseCgroupProcs } from '../../../src/host/cgroup-procs.ts';
import { parseCpuList } from '../../../src/host/cpu-list.ts';
import { parseCpuMax } from '../../../src/host/cpu-max.ts';
import { parseFreezerState } from '../../../src/host/freezer-state.ts';
import { flatKeyed } from '../../../src/host/flat-keyed.ts';
import { parseIoStat } from '../../../src/host/io-stat.ts';
import { memoryStatV1 } from '../../../src/host/memory-stat.ts';
import { pressure } from '../../../src/host/pressure.ts';
import { parseLimit, parseSingleValue } from '../../../src/host/single-value.ts';
import * as cgroup from './cgroup-texts.ts';
import * as texts from './texts.ts';
import type { Reader } from './reader.ts';

function* hundredths(text: string): Iterable<number> {
  for (const [number] of text.matchAll(/[0-9]+\.[0-9]{2}(?![0-9])/g)) yield Number(number);
}

/** A quota and its period are the only two numbers of the file. */
function* quotient(text: string): Iterable<bigint> {
  const [quota = 0n, period = 0n] = (text.match(/[0-9]+/g) ?? []).map(BigInt);
  if (period !== 0n) yield (quota * 2_000_000_000n + period) / (period * 2n);
}

const cpuKeysV2 = ['throttled_usec', 'usage_usec', 'user_usec', 'system_usec', 'nr_periods', 'nr_throttled', 'absent'];
const memoryKeysV2 = [
  'anon',
  'file',
  'kernel_stack',
  'shmem',
  'slab_unreclaimable',
  'inactive_file',
  'pgfault',
  'pgmajfault',
  'thp_fault_alloc',
];
const memoryKeysV1 = ['total_rss', 'total_cache', 'total_inactive_file', 'total_swap', 'total_pgfault', 'total_pgmajfault'];
const pressureKeys = [
  'some.total',
  'some.avg10',
  'some.avg60',
  'some.avg300',
  'full.total',
  'full.avg10',
  'full.avg60',
  'full.avg300',
];
const listed = 'is reported';
const bareDevices = /^(?:[0-9]+:[0-9]+ )+$/;

export const cgroupReaders: readonly Reader[] = [
  {
    reader: 'parseFreezerState',
    file: 'freezer.state',
    parser: parseFreezerState,
    text: 'FROZEN\n',
    garbage: 'costs all',
    counters: 0,
    constants: ['true', 'false'],
  },
  {
    reader: 'parseSingleValue',
    file: 'memory.current',
    parser: parseSingleValue,
    text: '18446744073709551615\n',
    garbage: 'costs all',
    counters: 1,
  },
  {
    reader: 'parseLimit',
    file: 'memory.max',
    parser: parseLimit,
    text: '536870912\n',
    garbage: 'costs all',
    counters: 0,
    constants: ['max'],
  },
  {
    reader: 'parseLimit',
    file: 'memory.high',
    parser: parseLimit,
    text: 'max\n',
    garbage: 'costs all',
    counters: 0,
    constants: ['max'],
  },
  { reader: 'flatKeyed', file: 'cpu.stat', parser: flatKeyed(cpuKeysV2), text: texts.cpuStatV2, garbage: listed, counters: 6 },
  {
    reader: 'flatKeyed',
    file: 'cpuacct.stat',
    parser: flatKeyed(['system', 'user']),
    text: texts.cpuacctStat,
    garbage: listed,
    counters: 2,
  },
  {
    reader: 'flatKeyed',
    file: 'memory.stat',
    parser: flatKeyed(memoryKeysV2),
    text: texts.memoryStatV2,
    garbage: listed,
    counters: 9,
  },
  {
    reader: 'memoryStatV1',
    file: 'memory.stat',
    parser: memoryStatV1(memoryKeysV1),
    text: texts.memoryStatV1,
    garbage: listed,
    counters: 6,
    needsAllLines: true,
  },
  {
    reader: 'parseCgroupProcs',
    file: 'cgroup.procs',
    parser: parseCgroupProcs,
    text: texts.cgroupProcs,
    garbage: listed,
    counters: 0,
    sums: ['foreign'],
  },
  {
    reader: 'pressure',
    file: 'cpu.pressure',
    parser: pressure(pressureKeys),
    text: cgroup.cpuPressure,
    garbage: listed,
    counters: 2,
    numbers: hundredths,
  },
  {
    reader: 'pressure',
    file: 'irq.pressure',
    parser: pressure(pressureKeys),
    text: cgroup.irqPressure,
    garbage: listed,
    counters: 1,
    numbers: hundredths,
  },
  {
    reader: 'parseIoStat',
    file: 'io.stat',
    parser: parseIoStat,
    text: cgroup.ioStat,
    garbage: listed,
    counters: 22,
    tornLine: bareDevices,
  },
  {
    reader: 'parseBlkio',
    file: 'blkio.throttle.io_serviced',
    parser: parseBlkio,
    text: cgroup.blkioBytes,
    garbage: listed,
    counters: 6,
  },
  {
    reader: 'parseCpuMax',
    file: 'cpu.max',
    parser: parseCpuMax,
    text: cgroup.cpuMax,
    garbage: 'costs all',
    counters: 1,
    constants: ['max'],
    numbers: quotient,
  },
  {
    reader: 'parseCpuList',
    file: 'cpuset.cpus.effective',
    parser: parseCpuList,
    text: cgroup.cpuList,
    garbage: 'costs all',
    counters: 0,
    sums: ['count'],
  },
];
