/** `/proc/<pid>/limits`: the resource limits of a process. proc_pid_limits(5). */
import type { Count } from '../model.ts';
import { parseCount } from './count.ts';
import { createFieldBounds, encode, forEachLine, startsWith } from './lines.ts';
import type { Malformed } from './parser.ts';

export interface OpenFilesLimit {
  readonly soft: Count | 'unlimited';
  readonly hard: Count | 'unlimited';
}

const openFiles = encode('Max open files ');
const unlimited = encode('unlimited');
const fields = createFieldBounds(2);

/** How many descriptors the process may have open: RLIMIT_NOFILE of getrlimit(2). */
export function parseOpenFilesLimit(bytes: Uint8Array, end: number, malformed: Malformed): OpenFilesLimit | undefined {
  let limit: OpenFilesLimit | undefined;
  forEachLine(bytes, end, malformed, (start, stop) => {
    if (!startsWith(bytes, start, stop, openFiles)) return true;
    if (fields.split(bytes, start + openFiles.length, stop) < 2) return false;
    const soft = parseValue(bytes, fields.start(0), fields.end(0));
    const hard = parseValue(bytes, fields.start(1), fields.end(1));
    if (soft === undefined || hard === undefined) return false;
    limit ??= { soft, hard };
    return true;
  });
  return limit;
}

function parseValue(bytes: Uint8Array, start: number, end: number): Count | 'unlimited' | undefined {
  if (end - start === unlimited.length && startsWith(bytes, start, end, unlimited)) return 'unlimited';
  return parseCount(bytes, start, end);
}
