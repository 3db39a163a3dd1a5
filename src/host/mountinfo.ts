/** `/proc/<pid>/mountinfo`: the mounts of a process. Documentation/filesystems/proc.rst, 3.5. Read seldom: not a hot path. */
import { forEachLine, text } from './lines.ts';
import type { Malformed } from './parser.ts';

export interface Mount {
  /** `major:minor`. */
  readonly device: string;
  /** The directory of the file system that is mounted. */
  readonly root: string;
  readonly mountPoint: string;
  readonly options: readonly string[];
  readonly type: string;
  /** What was mounted, which may be empty. */
  readonly source: string;
  /** Options of the file system: the controllers of a cgroup v1 mount, the directories of an overlay. */
  readonly superOptions: readonly string[];
}

const optionalFields = 6;

export function parseMountinfo(bytes: Uint8Array, end: number, malformed: Malformed): readonly Mount[] {
  const mounts: Mount[] = [];
  forEachLine(bytes, end, malformed, (start, stop) => {
    // Every single space separates: an empty source stands between two of them.
    const fields = text(bytes, start, stop).split(' ');
    const separator = fields.indexOf('-', optionalFields);
    const [, , device, root, mountPoint, options] = fields;
    if (separator < 0 || device === undefined || root === undefined || mountPoint === undefined || options === undefined)
      return false;
    const [type, source, superOptions] = fields.slice(separator + 1);
    if (type === undefined || source === undefined || superOptions === undefined) return false;
    mounts.push({
      device,
      root: unescape(root),
      mountPoint: unescape(mountPoint),
      options: options.split(','),
      type,
      source: unescape(source),
      superOptions: superOptions.split(',').map(unescape),
    });
    return true;
  });
  return mounts;
}

/** Space, tab, newline, backslash, `#`, and in options the comma, come as three octal digits after a backslash. */
function unescape(field: string): string {
  if (!field.includes('\\')) return field;
  return field.replaceAll(/\\([0-3][0-7]{2})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
