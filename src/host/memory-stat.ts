/**
 * `memory.stat`: what the memory of a cgroup and its children is made of.
 * v2: Documentation/admin-guide/cgroup-v2.rst, "Memory Interface Files"; v1: Documentation/admin-guide/cgroup-v1/memory.rst, 5.2.
 */
import type { Count } from '../model.ts';
import { flatKeyed } from './flat-keyed.ts';
import type { Malformed } from './parser.ts';

export interface MemoryStat {
  /** Anonymous memory, in bytes. */
  readonly rss: Count | undefined;
  /** Page cache, shared memory included, in bytes. */
  readonly cache: Count | undefined;
  /** File cache that was not used lately, in bytes: what the working set leaves out. */
  readonly inactiveFile: Count | undefined;
  /** Swap in bytes: v1 only, and only where swap is accounted. v2 has `memory.swap.current`. */
  readonly swap: Count | undefined;
  readonly pageFaults: Count | undefined;
  readonly majorPageFaults: Count | undefined;
}

const totalKeysV1 = flatKeyed([
  'total_cache',
  'total_rss',
  'total_swap',
  'total_pgfault',
  'total_pgmajfault',
  'total_inactive_file',
]);
const ownKeysV1 = flatKeyed(['cache', 'rss', 'swap', 'pgfault', 'pgmajfault', 'inactive_file']);
const keysV2 = flatKeyed(['anon', 'file', 'inactive_file', 'pgfault', 'pgmajfault']);

/**
 * The v1 file. `total_` keys count the children too. A file without any of them, whole and understood, is of a kernel
 * that does not add up children: then its own values are all there is. Else they are no substitute: they leave out the children.
 */
export function parseMemoryStatV1(bytes: Uint8Array, end: number, malformed: Malformed): MemoryStat {
  let understood = true;
  const values = totalKeysV1(bytes, end, (start, stop) => {
    understood = false;
    malformed(start, stop);
  });
  const totals: MemoryStat = {
    rss: values.total_rss,
    cache: values.total_cache,
    inactiveFile: values.total_inactive_file,
    swap: values.total_swap,
    pageFaults: values.total_pgfault,
    majorPageFaults: values.total_pgmajfault,
  };
  if (!understood || hasAny(totals)) return totals;
  const own = ownKeysV1(bytes, end, malformed);
  return {
    rss: own.rss,
    cache: own.cache,
    inactiveFile: own.inactive_file,
    swap: own.swap,
    pageFaults: own.pgfault,
    majorPageFaults: own.pgmajfault,
  };
}

export function parseMemoryStatV2(bytes: Uint8Array, end: number, malformed: Malformed): MemoryStat {
  const values = keysV2(bytes, end, malformed);
  return {
    rss: values.anon,
    cache: values.file,
    inactiveFile: values.inactive_file,
    swap: undefined,
    pageFaults: values.pgfault,
    majorPageFaults: values.pgmajfault,
  };
}

function hasAny({ rss, cache, inactiveFile, swap, pageFaults, majorPageFaults }: MemoryStat): boolean {
  return (rss ?? cache ?? inactiveFile ?? swap ?? pageFaults ?? majorPageFaults) !== undefined;
}
