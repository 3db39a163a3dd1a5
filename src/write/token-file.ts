import { readFile, stat } from 'node:fs/promises';

/** Far more than a token of any kind, and little enough to read at once. */
const mostBytes = 64 * 1024;

/**
 * Reads a token from a file, again when the file has changed (a mounted Secret is swapped as a whole) or when `fresh` is
 * asked for because the last one was refused. Rejects with one line that names the path; never quotes the file.
 */
export function createTokenFile(path: string): (fresh: boolean) => Promise<string> {
  let seen = '';
  let token = '';
  return async (fresh) => {
    const file = await stat(path);
    const version = `${file.dev}:${file.ino}:${file.mtimeMs}:${file.size}`;
    if (version === seen && !fresh) return token;
    if (!file.isFile() || file.size > mostBytes) throw new Error(`'${path}' is no token file: not a file of at most 64 KiB`);
    const text = (await readFile(path, 'utf8')).trim();
    if (text === '') throw new Error(`Token file '${path}' is empty`);
    token = text;
    seen = version;
    return token;
  };
}
