import { parseLimit } from '../host/single-value.ts';
import type { Limit } from '../host/single-value.ts';
import type { Descriptors } from '../host/descriptors.ts';
import type { Hierarchy } from '../locate/hierarchy.ts';
import { readOnce } from '../locate/process-files.ts';
import type { Count } from '../model.ts';
import type { Problems } from '../problems.ts';

/** The memory limits above a cgroup, of cgroup v2; v1 says them in `memory.stat`. */
export interface AncestorLimits {
  /** The lowest `memory.max` of the cgroup itself, in bytes, and all above it; `undefined` where there is none. */
  lowest(path: string): Count | undefined;
}

export interface AncestorLimitsOptions {
  readonly hierarchy: Hierarchy;
  readonly descriptors: Descriptors;
  readonly problems: Problems;
  /** Monotonic milliseconds. */
  now(): number;
}

/** Parents are many cgroups' parents: what one says is kept for this long. */
const keptMilliseconds = 25_000;
/** Beyond this everything kept is dropped: each is read again in 10 µs. */
const mostKept = 4_000;

export function createAncestorLimits(options: AncestorLimitsOptions): AncestorLimits {
  const kept = new Map<string, { readonly limit: Limit | undefined; readonly until: number }>();

  function limitOf(path: string): Limit | undefined {
    const known = kept.get(path);
    const at = options.now();
    if (known !== undefined && at < known.until) return known.limit;
    const directory = options.hierarchy.directory('memory', path);
    if (directory === undefined) return undefined;
    const limit = readOnce(options, `${directory}/memory.max`, '', parseLimit);
    if (kept.size >= mostKept) kept.clear();
    kept.set(path, { limit, until: at + keptMilliseconds });
    return limit;
  }

  return {
    lowest(path) {
      let lowest: Count | undefined;
      for (let at = path; at.length > 1; at = at.slice(0, at.lastIndexOf('/'))) {
        const limit = limitOf(at);
        if (limit !== undefined && limit !== 'max' && (lowest === undefined || limit < lowest)) lowest = limit;
      }
      return lowest;
    },
  };
}
