import { parseSingleValue } from '../host/single-value.ts';
import type { CgroupFiles, Read } from './collector.ts';

/** Tasks and their limit; the files are the same on v1 and v2. The kernel counts threads. */
export function attachPids(files: CgroupFiles): Read {
  const current = files.hot('pids', 'pids.current');
  const limit = files.limit('pids', 'pids.max');
  return ({ fields }) => {
    fields.pids = current?.parse(parseSingleValue);
    fields.pids_limit = limit();
  };
}
