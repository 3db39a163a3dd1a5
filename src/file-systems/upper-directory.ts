/** Where the writable layer of a container lies on the host. */
import { basename, posix } from 'node:path';
import type { Mount } from '../host/mountinfo.ts';

const option = 'upperdir=';
/** What runtimes call it: containerd's snapshotters `…/snapshots/<n>/fs`, Docker and CRI-O `…/<id>/diff`. */
const names: readonly string[] = ['fs', 'diff'];

/**
 * The upper directory of the overlay (Documentation/filesystems/overlayfs.rst) that the process has for its root, as a path on the
 * host. `undefined` for one without: a read-only root, another kind of storage, or a relative path, which the runtime writes where
 * the mount's options got too long. A container that may mount chooses what stands there, so nothing else is taken for one.
 */
export function upperDirectoryOf(mounts: readonly Mount[]): string | undefined {
  const root = mounts.find(({ mountPoint, type }) => mountPoint === '/' && type === 'overlay');
  const path = root?.superOptions.find((each) => each.startsWith(option))?.slice(option.length);
  if (path === undefined || !path.startsWith('/') || path.includes('\0') || posix.normalize(path) !== path) return undefined;
  return names.includes(basename(path)) ? path : undefined;
}
