import { closeSync, constants, openSync, readlinkSync } from 'node:fs';
import { posix } from 'node:path';
import { errorCode } from '../host/failures.ts';

const flags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NONBLOCK;
/** path_resolution(7) allows as many. */
const mostLinks = 40;

/**
 * Opens a directory by its path on the host, whose root is mounted at `root`, and returns the descriptor. An admin may have put storage
 * elsewhere by a symbolic link: one in the path means what it means on the host, never a place on this side of `root`.
 * Throws what open(2) throws.
 */
export function openOnHost(root: string, path: string): number {
  let wanted = posix.resolve('/', path);
  for (let links = 0; links < mostLinks; links += 1) {
    const met = descend(
      root,
      wanted.split('/').filter((name) => name !== ''),
    );
    if (typeof met === 'number') return met;
    wanted = met.instead;
  }
  throw Object.assign(new Error(`${path}: too many symbolic links`), { code: 'ELOOP' });
}

/** The descriptor of the last name, or the path to take instead where a name on the way is a symbolic link. */
function descend(root: string, names: readonly string[]): number | { readonly instead: string } {
  let descriptor = openSync(root, flags);
  for (const [index, name] of names.entries()) {
    const path = `/proc/self/fd/${descriptor}/${name}`;
    try {
      const next = openSync(path, flags | constants.O_NOFOLLOW);
      closeSync(descriptor);
      descriptor = next;
    } catch (error) {
      const target = linkTarget(path);
      closeSync(descriptor);
      if (target === undefined) throw error;
      return { instead: posix.resolve('/', ...names.slice(0, index), target, ...names.slice(index + 1)) };
    }
  }
  return descriptor;
}

function linkTarget(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch (error) {
    // No link: why it could not be opened is what matters.
    errorCode(error);
    return undefined;
  }
}
