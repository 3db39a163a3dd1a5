/** Where everything made for the tests is kept: outside the tree, keyed by its pinned inputs, made once. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { lock } from './lock.ts';

export interface CacheEntry {
  readonly name: string;
  /** All that decides what is made: when one of them changes, it is made anew. */
  readonly inputs: readonly string[];
}

/** The folder of an entry, whether it is there or not. */
export function cachePath(entry: CacheEntry): string {
  return join(cacheRoot(), `${entry.name}-${hash([process.arch, ...entry.inputs])}`);
}

/** The folder of an entry; `make` fills it where it is not there yet. A folder that exists is whole. */
export async function cached(entry: CacheEntry, make: (folder: string) => Promise<void>): Promise<string> {
  const path = cachePath(entry);
  if (existsSync(path)) return path;
  await using _lock = await lock(hash([path]));
  if (existsSync(path)) return path;
  const part = `${path}.part`;
  await rm(part, { recursive: true, force: true });
  await mkdir(part, { recursive: true });
  await make(part);
  await rename(part, path);
  return path;
}

function cacheRoot(): string {
  const { XDG_CACHE_HOME: xdg } = process.env;
  return join(xdg || join(homedir(), '.cache'), 'podgauge');
}

function hash(inputs: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(inputs)).digest('hex').slice(0, 12);
}
