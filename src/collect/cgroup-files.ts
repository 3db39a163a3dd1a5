/** What is to be known of the files of a cgroup before they can be read: their rooms, their formats, and how often they change. */
import { parseCpuMax } from '../host/cpu-max.ts';
import { flatKeyed } from '../host/flat-keyed.ts';
import { memoryStatV1 } from '../host/memory-stat.ts';
import { parseFreezerState } from '../host/freezer-state.ts';
import type { Parser } from '../host/parser.ts';
import { pressure } from '../host/pressure.ts';
import { parseLimit, parseSingleValue } from '../host/single-value.ts';
import type { Limit } from '../host/single-value.ts';
import type { Controller } from '../locate/hierarchy.ts';
import type { FieldValue } from '../model.ts';
import type { CollectorName } from '../metrics/collectors.ts';

export type ValuesParser = Parser<readonly (FieldValue | undefined)[]>;

/**
 * `hot`: read every cycle, its descriptor kept. `rare`: read now and then, and written only when it was. `limit`: read now and
 * then too, and written every cycle, because what is written next to it is measured by it.
 */
export type Pace = 'hot' | 'rare' | 'limit';

export interface CgroupFile {
  readonly collector: CollectorName;
  readonly controller: Controller;
  readonly pace: Pace;
  /** Makes a parser that gives the values of the keys in their order; a file of one value has no keys. */
  parser(keys: readonly string[]): ValuesParser;
}

const frozen = (): ValuesParser => (bytes, end, malformed) => [parseFreezerState(bytes, end, malformed)];
const single = (): ValuesParser => (bytes, end, malformed) => [parseSingleValue(bytes, end, malformed)];
const limit = (): ValuesParser => limited(parseLimit);
const cpuMax = (): ValuesParser => limited(parseCpuMax);

/** A file of keys that are either so, 1, or not, 0. */
function flags(keys: readonly string[]): ValuesParser {
  const parse = flatKeyed(keys);
  return (bytes, end, malformed) =>
    parse(bytes, end, malformed).map((value) => (value === undefined ? undefined : value !== 0));
}

function limited(parse: Parser<Limit | undefined>): ValuesParser {
  return (bytes, end, malformed) => {
    const value = parse(bytes, end, malformed);
    return [value === 'max' ? undefined : value];
  };
}

const cpu = { collector: 'cpu', controller: 'cpu' } as const;
const cpuacct = { collector: 'cpu', controller: 'cpuacct' } as const;
const memory = { collector: 'memory', controller: 'memory' } as const;
const pids = { collector: 'pids', controller: 'pids' } as const;
const stalled = { collector: 'pressure', controller: 'cpu', pace: 'hot', parser: pressure } as const;

const v2: Readonly<Record<string, CgroupFile>> = {
  'cpu.stat': { ...cpu, pace: 'hot', parser: flatKeyed },
  'cpu.stat.local': { ...cpu, pace: 'rare', parser: flatKeyed },
  'cpu.max': { ...cpu, pace: 'limit', parser: cpuMax },
  'memory.current': { ...memory, pace: 'hot', parser: single },
  'memory.stat': { ...memory, pace: 'hot', parser: flatKeyed },
  'memory.events': { ...memory, pace: 'hot', parser: flatKeyed },
  'memory.events.local': { ...memory, pace: 'rare', parser: flatKeyed },
  'memory.swap.current': { ...memory, pace: 'hot', parser: single },
  'memory.swap.events': { ...memory, pace: 'rare', parser: flatKeyed },
  'memory.swap.peak': { ...memory, pace: 'rare', parser: single },
  'memory.zswap.current': { ...memory, pace: 'rare', parser: single },
  'memory.peak': { ...memory, pace: 'rare', parser: single },
  'memory.max': { ...memory, pace: 'limit', parser: limit },
  'memory.high': { ...memory, pace: 'limit', parser: limit },
  'memory.swap.max': { ...memory, pace: 'limit', parser: limit },
  'cpu.pressure': stalled,
  'memory.pressure': stalled,
  'io.pressure': stalled,
  'irq.pressure': stalled,
  'pids.current': { ...pids, pace: 'hot', parser: single },
  'pids.max': { ...pids, pace: 'limit', parser: limit },
  'pids.peak': { ...pids, pace: 'rare', parser: single },
  'pids.events': { ...pids, pace: 'rare', parser: flatKeyed },
  'cgroup.events': { ...pids, pace: 'rare', parser: flags },
  'cgroup.stat': { ...pids, pace: 'rare', parser: flatKeyed },
};

/** Of a v2 tree beside v1, which has no controllers: what the cgroups of each tree have. */
const hybrid: Readonly<Record<string, CgroupFile>> = {
  'cpu.pressure': { ...stalled, controller: 'unified' },
  'memory.pressure': { ...stalled, controller: 'unified' },
  'io.pressure': { ...stalled, controller: 'unified' },
  'irq.pressure': { ...stalled, controller: 'unified' },
  'cgroup.events': { ...pids, controller: 'unified', pace: 'rare', parser: flags },
};

const v1: Readonly<Record<string, CgroupFile>> = {
  ...hybrid,
  'cpuacct.usage': { ...cpuacct, pace: 'hot', parser: single },
  'cpuacct.stat': { ...cpuacct, pace: 'hot', parser: flatKeyed },
  'cpu.stat': { ...cpu, pace: 'hot', parser: flatKeyed },
  'memory.usage_in_bytes': { ...memory, pace: 'hot', parser: single },
  'memory.stat': { ...memory, pace: 'hot', parser: memoryStatV1 },
  'memory.oom_control': { ...memory, pace: 'hot', parser: flatKeyed },
  'memory.failcnt': { ...memory, pace: 'rare', parser: single },
  'memory.max_usage_in_bytes': { ...memory, pace: 'rare', parser: single },
  'memory.kmem.usage_in_bytes': { ...memory, pace: 'rare', parser: single },
  'memory.limit_in_bytes': { ...memory, pace: 'limit', parser: limit },
  'pids.current': { ...pids, pace: 'hot', parser: single },
  'pids.max': { ...pids, pace: 'limit', parser: limit },
  'pids.events': { ...pids, pace: 'rare', parser: flatKeyed },
  'freezer.state': { ...pids, controller: 'freezer', pace: 'rare', parser: frozen },
};

/** `undefined` for a file that code of its own reads: see cgroup-extras.ts, io-series.ts and hugetlb-series.ts. */
export function cgroupFile(version: 1 | 2, name: string): CgroupFile | undefined {
  return (version === 2 ? v2 : v1)[name];
}

/** Whether the file of an origin is one that the cgroups of a v2 tree without controllers have too. */
export function isOfEveryTree(origin: string | undefined): boolean {
  return origin !== undefined && Object.hasOwn(hybrid, origin.split(' ')[0] ?? '');
}

/** Nanoseconds of one tick of USER_HZ, which is 100 on every architecture that Linux's user interface knows. */
const nanosecondsPerTick = 10_000_000;

/** What turns a number as the file has it into the unit of its field. */
export function scaleOf(name: string, key: string | undefined): number {
  if (name === 'cpuacct.stat') return nanosecondsPerTick;
  return name.startsWith('cpu.stat') && key?.endsWith('_usec') === true ? 1000 : 1;
}
