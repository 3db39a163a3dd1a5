import { subtractFloorZero } from '../host/count.ts';
import { parseMemoryStatV1, parseMemoryStatV2 } from '../host/memory-stat.ts';
import type { MemoryStat } from '../host/memory-stat.ts';
import { parseSingleValue } from '../host/single-value.ts';
import type { Count, Fields } from '../model.ts';
import type { CgroupFiles, Read } from './collector.ts';

/** Memory and swap. */
export function attachMemory(files: CgroupFiles): Read {
  return files.version === 2 ? attachV2(files) : attachV1(files);
}

function attachV2(files: CgroupFiles): Read {
  const current = files.hot('memory', 'memory.current');
  const stat = files.hot('memory', 'memory.stat');
  const swap = files.hot('memory', 'memory.swap.current');
  const limit = files.limit('memory', 'memory.max');
  return ({ fields }) => {
    putMemory(fields, current?.parse(parseSingleValue), stat?.parse(parseMemoryStatV2), limit());
    fields.swap_usage_bytes = swap?.parse(parseSingleValue);
  };
}

function attachV1(files: CgroupFiles): Read {
  const usage = files.hot('memory', 'memory.usage_in_bytes');
  const stat = files.hot('memory', 'memory.stat');
  const limit = files.limit('memory', 'memory.limit_in_bytes');
  return ({ fields }) => {
    const read = stat?.parse(parseMemoryStatV1);
    putMemory(fields, usage?.parse(parseSingleValue), read, limit());
    fields.swap_usage_bytes = read?.swap;
  };
}

function putMemory(fields: Fields, usage: Count | undefined, stat: MemoryStat | undefined, limit: Count | undefined): void {
  const workingSet = difference(usage, stat?.inactiveFile);
  fields.memory_usage_bytes = usage;
  fields.memory_working_set_bytes = workingSet;
  fields.memory_rss_bytes = stat?.rss;
  fields.memory_cache_bytes = stat?.cache;
  fields.memory_limit_bytes = limit;
  fields.memory_available_bytes = difference(limit, workingSet);
  fields.memory_page_faults = stat?.pageFaults;
  fields.memory_major_page_faults = stat?.majorPageFaults;
}

/** At least 0: the two files were not read at one moment. Absent where one of them is. */
function difference(whole: Count | undefined, part: Count | undefined): Count | undefined {
  return whole === undefined || part === undefined ? undefined : subtractFloorZero(whole, part);
}
