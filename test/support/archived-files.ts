import { posix } from 'node:path';
import { parseArchive } from './archive.ts';

/** The files of an archived host, without making them: paths as in test/support/archive.ts, below `proc` and `sys/fs/cgroup`. */
export interface ArchivedFiles {
  /** `undefined` where there is no such file, or a link leads nowhere. */
  text(path: string): string | undefined;
  childrenOf(directory: string): readonly string[];
  /** All of them, by what follows the path of this one. */
  directoriesBelow(directory: string): readonly string[];
}

const mostLinks = 20;

export function archivedFiles(archive: string): ArchivedFiles {
  const entries = new Map(Object.entries(parseArchive(archive)));
  const directories = new Set([...entries.keys()].flatMap(parentsOf));

  /** The path without a link in it. */
  function resolve(path: string): string | undefined {
    let at = path;
    for (let link = 0; link < mostLinks; link += 1) {
      const through = [at, ...parentsOf(at)].find((each) => typeof entries.get(each) === 'object');
      const entry = through === undefined ? undefined : entries.get(through);
      if (through === undefined || typeof entry !== 'object') return at;
      at = posix.join(posix.dirname(through), entry.link, at.slice(through.length));
    }
    return undefined;
  }

  return {
    text(path) {
      const entry = entries.get(resolve(path) ?? '');
      return typeof entry === 'string' ? entry : undefined;
    },
    childrenOf(directory) {
      const start = `${directory}/`;
      const below = [...entries.keys()].filter((path) => path.startsWith(start));
      return [...new Set(below.map((path) => path.slice(start.length).split('/')[0] ?? ''))];
    },
    directoriesBelow(directory) {
      const from = resolve(directory) ?? directory;
      return [...directories].flatMap((path) => (path.startsWith(`${from}/`) ? [path.slice(from.length)] : []));
    },
  };
}

function parentsOf(path: string): readonly string[] {
  const parts = path.split('/');
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'));
}
