/** `/proc/<pid>/cgroup`: the cgroups of a process. cgroups(7), "/proc files". */
import { parseCount } from './count.ts';
import { find, forEachLine, text } from './lines.ts';
import type { Malformed } from './parser.ts';

export interface CgroupMembership {
  /** 0 for cgroup v2. */
  readonly hierarchy: number;
  /** Empty for cgroup v2; `name=systemd` for a named hierarchy without controllers. */
  readonly controllers: readonly string[];
  /**
   * Relative to the reader's cgroup namespace, so that it may start with `/..`. Its colons are part of it. The kernel adds
   * ` (deleted)` to that of a cgroup which was removed.
   */
  readonly path: string;
}

const colon = 58;
const slash = 47;

export function parseProcCgroup(bytes: Uint8Array, end: number, malformed: Malformed): readonly CgroupMembership[] {
  const memberships: CgroupMembership[] = [];
  forEachLine(bytes, end, malformed, (start, stop) => {
    const first = find(bytes, colon, start, stop);
    const second = find(bytes, colon, first + 1, stop);
    const hierarchy = parseCount(bytes, start, first);
    if (typeof hierarchy !== 'number' || second >= stop || bytes[second + 1] !== slash) return false;
    const controllers = second === first + 1 ? [] : text(bytes, first + 1, second).split(',');
    memberships.push({ hierarchy, controllers, path: text(bytes, second + 1, stop) });
    return true;
  });
  return memberships;
}
